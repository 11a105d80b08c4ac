import type { Backbone } from '../../backbones/backbone.js';
import type { NameTable } from '../pytorch-layout.js';
import { type BlockPart, blockPlace, hasWeights, mobileNetPlace } from './place.js';
import { resNetName, torchvisionNames } from './torchvision.js';

/** Tensors of timm's classifiers, which transfer learning leaves aside. */
export const TIMM_CLASSIFIER = /^(classifier|fc|head\.fc|pre_logits\.fc[12])\.(weight|bias)$/;

/**
 * Module names of timm's `state_dict()` for a network's layers (timm 1.0: _efficientnet_builder.py, resnet.py, vgg.py).
 * The ports of TensorFlow's networks (`tf_*`) bear the same names: the file cannot tell them apart.
 */
export function timmNames(backbone: Backbone): NameTable {
  const { layers } = backbone;
  const owned = layers.filter(hasWeights);
  const expands = new Set(layers.filter(({ name }) => isExpansion(name)).map(({ block }) => block));
  const fallback = torchvisionNames(backbone);
  return new Map(
    owned.map(({ name, block }) => {
      const own = ENDS.get(name) ?? resNetName(name) ?? nameInBlock(name, expands.has(block));
      return [name, own ?? fallback.get(name) ?? name];
    }),
  );
}

function isExpansion(layer: string): boolean {
  return blockPlace(layer)?.part === 'expand_conv' || mobileNetPlace(layer)?.part === 'expand';
}

const ENDS = new Map([
  ['stem_conv', 'conv_stem'],
  ['stem_bn', 'bn1'],
  ['top_conv', 'conv_head'],
  ['top_bn', 'bn2'],
  ['Conv1', 'conv_stem'],
  ['bn_Conv1', 'bn1'],
  ['Conv_1', 'conv_head'],
  ['Conv_1_bn', 'bn2'],
]);

/** Modules of a block that expands first (InvertedResidual), and of one that does not (DepthwiseSeparableConv). */
const EXPANDING: Readonly<Record<BlockPart, string>> = {
  expand_conv: 'conv_pw',
  expand_bn: 'bn1',
  dwconv: 'conv_dw',
  bn: 'bn2',
  se_reduce: 'se.conv_reduce',
  se_expand: 'se.conv_expand',
  project_conv: 'conv_pwl',
  project_bn: 'bn3',
};
const SEPARABLE = { ...EXPANDING, bn: 'bn1', project_conv: 'conv_pw', project_bn: 'bn2' };

/** Blocks per stage of MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381, table 2). */
const MOBILENET_REPEATS = [1, 2, 3, 4, 3, 3, 1];
const MOBILENET_PARTS = {
  expand: ['expand_conv', 'expand_bn'],
  depthwise: ['dwconv', 'bn'],
  project: ['project_conv', 'project_bn'],
} as const;

function nameInBlock(layer: string, isExpanding: boolean): string | null {
  const modules = isExpanding ? EXPANDING : SEPARABLE;
  const place = blockPlace(layer);
  if (place !== null) return `blocks.${place.stage - 1}.${place.index}.${modules[place.part]}`;
  const mobile = mobileNetPlace(layer);
  if (mobile === null) return null;
  let stage = 0;
  let index = mobile.block;
  for (const repeats of MOBILENET_REPEATS) {
    if (index < repeats) break;
    index -= repeats;
    stage += 1;
  }
  return `blocks.${stage}.${index}.${modules[MOBILENET_PARTS[mobile.part][mobile.isNorm ? 1 : 0]]}`;
}
