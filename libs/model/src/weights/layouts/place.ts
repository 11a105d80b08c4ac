import { isConvolution, type Layer } from '../../backbones/layer.js';

/** Whether a checkpoint of PyTorch brings tensors for the layer. */
export function hasWeights(layer: Layer): boolean {
  return isConvolution(layer) || layer.kind === 'norm';
}

/** Where a layer of ResNet stands: `conv3_block1_2_bn` is stage 3, block 1, step 2. */
export function resNetPlace(layer: string) {
  const [, stage, block, step, part] = /^conv(\d)_block(\d+)_(\d)_(conv|bn)$/.exec(layer) ?? [];
  if (part === undefined) return null;
  return { stage: Number(stage), block: Number(block), step: Number(step), part };
}

/** Where a layer of MobileNetV2 stands: `expanded_conv_project` is in block 0, `block_3_depthwise_BN` in block 3. */
export function mobileNetPlace(layer: string) {
  const [, block, part, norm] = /^(?:expanded_conv|block_(\d+))_(expand|depthwise|project)(_BN)?$/.exec(layer) ?? [];
  if (part !== 'expand' && part !== 'depthwise' && part !== 'project') return null;
  return { block: Number(block ?? 0), part, isNorm: norm !== undefined } as const;
}

const BLOCK_PARTS = [
  'expand_conv',
  'expand_bn',
  'dwconv',
  'bn',
  'se_reduce',
  'se_expand',
  'project_conv',
  'project_bn',
] as const;
/** What a block of EfficientNet is made of. */
export type BlockPart = (typeof BLOCK_PARTS)[number];

/** Where a layer of EfficientNet stands: `block2b_dwconv` is stage 2, index 1, part `dwconv`. */
export function blockPlace(layer: string) {
  const [, block = '', stage, letter = '', end] = /^(block(\d)([a-z]))_(.+)$/.exec(layer) ?? [];
  const part = BLOCK_PARTS.find((name) => name === end);
  return part === undefined ? null : { block, stage: Number(stage), index: letter.charCodeAt(0) - 97, part };
}
