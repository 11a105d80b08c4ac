import type { Backbone } from '../backbones/backbone.js';
import { isConvolution, type Layer } from '../backbones/layer.js';
import type { NameTable } from './pytorch-layout.js';

/**
 * Names of the EfficientNet-Lite checkpoints (efficientnet-lite-pytorch) for the network's layers: `_conv_stem`, `_bn0`,
 * `_blocks.0._depthwise_conv`, …, `_conv_head`, `_bn1`.
 */
export function liteNames({ layers, blocks }: Backbone): NameTable {
  const names = new Map<string, string>();
  for (const layer of layers) {
    const name = ENDS.get(layer.name) ?? nameInBlock(layer, blocks.indexOf(layer.block));
    if (name !== null) names.set(layer.name, name);
  }
  return names;
}

const ENDS = new Map([
  ['stem_conv', '_conv_stem'],
  ['stem_bn', '_bn0'],
  ['top_conv', '_conv_head'],
  ['top_bn', '_bn1'],
]);
const IN_BLOCK = new Map([
  ['expand_conv', '_expand_conv'],
  ['expand_bn', '_bn0'],
  ['dwconv', '_depthwise_conv'],
  ['bn', '_bn1'],
  ['project_conv', '_project_conv'],
  ['project_bn', '_bn2'],
]);

function nameInBlock(layer: Layer, block: number): string | null {
  const name = IN_BLOCK.get(layer.name.slice(layer.block.length + 1));
  return name === undefined || !(isConvolution(layer) || layer.kind === 'norm') ? null : `_blocks.${block}.${name}`;
}
