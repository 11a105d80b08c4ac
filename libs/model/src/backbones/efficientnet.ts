import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { InvariantError } from '#contracts';
import type { Backbone, Shape3 } from './backbone.js';

/**
 * Rows of EfficientNet-B0 (Tan & Le 2019, arXiv:1905.11946, table 1). The Lite variants drop squeeze-excite, use
 * ReLU6 and keep the stem, the head and the depth of the first and last stage unscaled
 * (tensorflow/tpu, efficientnet/lite).
 */
interface Row {
  readonly kernel: 3 | 5;
  readonly repeats: number;
  readonly channels: number;
  readonly expand: 1 | 6;
  readonly stride: 1 | 2;
}

const ROWS: readonly Row[] = [
  { kernel: 3, repeats: 1, channels: 16, expand: 1, stride: 1 },
  { kernel: 3, repeats: 2, channels: 24, expand: 6, stride: 2 },
  { kernel: 5, repeats: 2, channels: 40, expand: 6, stride: 2 },
  { kernel: 3, repeats: 3, channels: 80, expand: 6, stride: 2 },
  { kernel: 5, repeats: 3, channels: 112, expand: 6, stride: 1 },
  { kernel: 5, repeats: 4, channels: 192, expand: 6, stride: 2 },
  { kernel: 3, repeats: 1, channels: 320, expand: 6, stride: 1 },
];
const STEM_CHANNELS = 32;
const TOP_CHANNELS = 1280;

interface Scaling {
  readonly width: number;
  readonly depth: number;
  readonly inputSize: number;
}

/** One inverted-residual block, written out: what the builder walks. */
interface Block {
  readonly name: string;
  readonly kernel: 3 | 5;
  readonly channelsIn: number;
  readonly channelsOut: number;
  readonly expand: 1 | 6;
  readonly stride: 1 | 2;
}

/** EfficientNet-Lite0: 4.7 M parameters with its classifier, 3,413,024 without (running statistics included). */
export const efficientNetLite0: Backbone = lite('efficientnet-lite0', { width: 1, depth: 1, inputSize: 224 });

function lite(name: string, scaling: Scaling): Backbone {
  const blocks = writeOut(scaling);
  return {
    name,
    inputSize: scaling.inputSize,
    normalise: { mean: [127, 127, 127], std: [128, 128, 128] },
    featureSize: TOP_CHANNELS,
    blocks: blocks.map((block) => block.name),
    paper: 'arXiv:1905.11946',
    applyFrozen: (picture, cut) => blocks.slice(0, cut).reduce(applyBlock, applyStem(picture)),
    applyOpen: (cutMap, cut) => applyTop(blocks.slice(cut).reduce(applyBlock, cutMap)),
    shapeAtCut: (cut, picture) => shapeAfter(blocks.slice(0, cut), picture),
  };
}

/** Compound scaling: rows -> blocks. First and last stage keep their depth in the Lite family. */
function writeOut({ width, depth }: Scaling): Block[] {
  const blocks: Block[] = [];
  let channelsIn = STEM_CHANNELS;
  for (const [stage, row] of ROWS.entries()) {
    const isEnd = stage === 0 || stage === ROWS.length - 1;
    const repeats = isEnd ? row.repeats : Math.ceil(row.repeats * depth);
    const channelsOut = roundChannels(row.channels * width);
    for (let i = 0; i < repeats; i++) {
      const name = `block${stage + 1}${String.fromCharCode(97 + i)}`;
      const stride = i === 0 ? row.stride : 1;
      blocks.push({ name, kernel: row.kernel, channelsIn, channelsOut, expand: row.expand, stride });
      channelsIn = channelsOut;
    }
  }
  return blocks;
}

/** To the nearest multiple of 8, never more than 10 % below. */
function roundChannels(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

function applyStem(picture: SymbolicTensor): SymbolicTensor {
  return conv({ name: 'stem_conv', filters: STEM_CHANNELS, kernel: 3, stride: 2, relu6: true }, picture);
}

function applyTop(x: SymbolicTensor): SymbolicTensor {
  return conv({ name: 'top_conv', filters: TOP_CHANNELS, kernel: 1, stride: 1, relu6: true }, x);
}

function applyBlock(input: SymbolicTensor, block: Block): SymbolicTensor {
  const { name, kernel, channelsIn, channelsOut, expand, stride } = block;
  let x = input;
  if (expand > 1) {
    x = conv({ name: `${name}_expand_conv`, filters: channelsIn * expand, kernel: 1, stride: 1, relu6: true }, x);
  }
  x = one(
    layers
      .depthwiseConv2d({
        name: `${name}_dwconv`,
        kernelSize: kernel,
        strides: stride,
        padding: 'same',
        activation: 'relu6',
      })
      .apply(x),
  );
  x = conv({ name: `${name}_project_conv`, filters: channelsOut, kernel: 1, stride: 1, relu6: false }, x);
  const isResidual = stride === 1 && channelsIn === channelsOut;
  return isResidual ? one(layers.add({ name: `${name}_add` }).apply([x, input])) : x;
}

interface ConvOptions {
  readonly name: string;
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly relu6: boolean;
}

function conv({ name, filters, kernel, stride, relu6 }: ConvOptions, x: SymbolicTensor): SymbolicTensor {
  const activation = relu6 ? 'relu6' : 'linear';
  return one(
    layers.conv2d({ name, filters, kernelSize: kernel, strides: stride, padding: 'same', activation }).apply(x),
  );
}

function one(output: unknown): SymbolicTensor {
  if (Array.isArray(output)) throw new InvariantError('A layer of this network has one output, got several.');
  return output as SymbolicTensor;
}

function shapeAfter(blocks: readonly Block[], { height, width }: { height: number; width: number }): Shape3 {
  const stride = blocks.reduce((product, block) => product * block.stride, 2);
  const channels = blocks.at(-1)?.channelsOut ?? STEM_CHANNELS;
  return [ceilDivide(height, stride), ceilDivide(width, stride), channels];
}

/** SAME padding at stride 2 halves and rounds up, so a chain of them is one rounded-up division. */
function ceilDivide(size: number, stride: number): number {
  return Math.ceil(size / stride);
}
