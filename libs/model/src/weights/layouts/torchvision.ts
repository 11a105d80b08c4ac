import type { Backbone } from '../../backbones/backbone.js';
import { isConvolution, type Layer } from '../../backbones/layer.js';
import type { NameTable } from '../pytorch-layout.js';
import { blockPlace, hasWeights, mobileNetPlace, resNetPlace } from './place.js';

/** Tensors of torchvision's classifiers, which transfer learning leaves aside. */
export const TORCHVISION_CLASSIFIER = /^(classifier\.\d+|fc)\.(weight|bias)$/;

/**
 * Module names of torchvision's `state_dict()` for a network's layers (torchvision 0.29: vgg.py, resnet.py,
 * mobilenetv2.py, efficientnet.py).
 */
export function torchvisionNames({ layers }: Backbone): NameTable {
  const numbered = numberFeatures(layers);
  const names = new Map<string, string>();
  for (const layer of layers.filter(hasWeights)) {
    const name = resNetName(layer.name) ?? mobileNetName(layer.name) ?? efficientNetName(layer.name, layers);
    names.set(layer.name, name ?? `features.${numbered.get(layer.name)}`);
  }
  return names;
}

/** VGG is one list of convolutions, activations and poolings; each has its number in it. */
function numberFeatures(layers: readonly Layer[]): Map<string, number> {
  const numbers = new Map<string, number>();
  let next = 0;
  for (const layer of layers) {
    if (isConvolution(layer)) numbers.set(layer.name, next);
    next += isConvolution(layer) ? 2 : layer.kind === 'maxPool' ? 1 : 0;
  }
  return numbers;
}

/** `conv3_block1_2_bn` -> `layer2.0.bn2`; the shortcut is number 0. timm names ResNet alike. */
export function resNetName(layer: string): string | null {
  if (layer === 'conv1_conv' || layer === 'conv1_bn') return layer === 'conv1_conv' ? 'conv1' : 'bn1';
  const place = resNetPlace(layer);
  if (place === null) return null;
  const { stage, block, step, part } = place;
  const module = step === 0 ? `downsample.${part === 'conv' ? 0 : 1}` : `${part}${step}`;
  return `layer${stage - 1}.${block - 1}.${module}`;
}

/** `block_3_depthwise_BN` -> `features.4.conv.1.1`. */
function mobileNetName(layer: string): string | null {
  const ends = { Conv1: '0.0', bn_Conv1: '0.1', Conv_1: '18.0', Conv_1_bn: '18.1' };
  const end = Object.entries(ends).find(([name]) => name === layer)?.[1];
  if (end !== undefined) return `features.${end}`;
  const place = mobileNetPlace(layer);
  if (place === null) return null;
  // The first block does not expand, so all its parts move up by one.
  const up = place.block === 0 ? 1 : 0;
  const last = 2 - up;
  const modules = { expand: 'conv.0', depthwise: `conv.${1 - up}`, project: `conv.${last}` };
  const { part, isNorm } = place;
  const module = part !== 'project' ? `${modules[part]}.${isNorm ? 1 : 0}` : `conv.${isNorm ? last + 1 : last}`;
  return `features.${place.block + 1}.${module}`;
}

/** `block2a_se_reduce` -> `features.2.0.block.2.fc1`. */
function efficientNetName(layer: string, layers: readonly Layer[]): string | null {
  const ends = { stem_conv: '0.0', stem_bn: '0.1', top_conv: '8.0', top_bn: '8.1' };
  const end = Object.entries(ends).find(([name]) => name === layer)?.[1];
  if (end !== undefined) return `features.${end}`;
  const place = blockPlace(layer);
  if (place === null) return null;
  const { stage, index, block, part } = place;
  const up = layers.some(({ name }) => name === `${block}_expand_conv`) ? 0 : 1;
  const modules = {
    expand_conv: '0.0',
    expand_bn: '0.1',
    dwconv: `${1 - up}.0`,
    bn: `${1 - up}.1`,
    se_reduce: `${2 - up}.fc1`,
    se_expand: `${2 - up}.fc2`,
    project_conv: `${3 - up}.0`,
    project_bn: `${3 - up}.1`,
  };
  return `features.${stage}.${index}.block.${modules[part]}`;
}
