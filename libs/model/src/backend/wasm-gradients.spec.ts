import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import {
  add,
  conv2d,
  depthwiseConv2d,
  grads,
  maxPool,
  mean,
  memory,
  mul,
  pad,
  relu,
  reshape,
  setBackend,
  sigmoid,
  sum,
  type Tensor,
  type Tensor4D,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbones/backbone.js';
import { buildBase } from '../network.js';
import { KNOWN_WEIGHTS } from '../weights/known.js';
import { chooseBackend } from './choose.js';

/** Something to differentiate: tensors of these shapes in, one out. */
interface Question {
  readonly shapes: readonly (readonly number[])[];
  readonly ask: (inputs: Tensor[]) => Tensor;
}

/** One pixel and three pixels of zeros around a picture. */
const EDGE: [number, number][] = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
];
const WIDE_EDGE: [number, number][] = [
  [0, 0],
  [3, 3],
  [3, 3],
  [0, 0],
];

interface Case {
  readonly kind: 'conv' | 'depthwise';
  readonly size: number;
  readonly channels: [number, number];
  readonly kernel: number;
  readonly stride: number;
}

// Every kind of convolution at odd and even sizes.
const KINDS: Case[] = [
  { kind: 'conv', size: 7, channels: [12, 20], kernel: 1, stride: 1 },
  { kind: 'conv', size: 8, channels: [6, 4], kernel: 1, stride: 2 },
  { kind: 'conv', size: 9, channels: [3, 8], kernel: 3, stride: 1 },
  { kind: 'conv', size: 10, channels: [3, 8], kernel: 3, stride: 2 },
  { kind: 'conv', size: 11, channels: [3, 5], kernel: 3, stride: 2 },
  { kind: 'depthwise', size: 7, channels: [10, 1], kernel: 5, stride: 1 },
  { kind: 'depthwise', size: 7, channels: [10, 1], kernel: 3, stride: 1 },
  { kind: 'depthwise', size: 8, channels: [6, 1], kernel: 3, stride: 2 },
  { kind: 'depthwise', size: 9, channels: [6, 1], kernel: 5, stride: 2 },
  { kind: 'depthwise', size: 10, channels: [6, 1], kernel: 5, stride: 2 },
];

/** Every convolution of a network, each shape once, as it is at 64 pixels. */
function shapesOf(backbone: Backbone): Case[] {
  const base = buildBase(backbone, { height: 64, width: 64 });
  const cases = new Map<string, Case>();
  for (const layer of base.layers) {
    const kind = layer.getClassName() === 'DepthwiseConv2D' ? 'depthwise' : 'conv';
    const [kernel] = layer.weights;
    if (kernel === undefined) continue;
    const [side = 1, , channelsIn = 1, channelsOut = 1] = kernel.shape.map(Number);
    const [, size = 1] = (layer.input as SymbolicTensor).shape.map(Number);
    const [stride = 1] = layer.getConfig()['strides'] as number[];
    const item: Case = { kind, size, channels: [channelsIn, channelsOut], kernel: side, stride };
    cases.set(JSON.stringify(item), item);
  }
  base.dispose();
  return [...cases.values()];
}

/** What else the networks are made of. */
const PARTS: Record<string, Question> = {
  // The backend's own kernel forgets windows of negative values; in the networks a maximum always follows a ReLU.
  'a maximum over 2x2 after ReLU': {
    shapes: [[2, 8, 8, 5]],
    ask: ([x]) => maxPool(relu(x as Tensor4D), 2, 2, 'valid'),
  },
  'a maximum over 3x3, padded with zeros, stride 2': {
    shapes: [[2, 9, 9, 5]],
    ask: ([x]) => maxPool(pad(relu(x as Tensor4D), EDGE), 3, 2, 'valid'),
  },
  'a 7x7 convolution of a picture padded with zeros, stride 2': {
    shapes: [
      [2, 16, 16, 3],
      [7, 7, 3, 4],
    ],
    ask: ([x, filter]) => conv2d(pad(x as Tensor4D, WIDE_EDGE), filter as Tensor4D, 2, 'valid'),
  },
  'a valid convolution that leaves a row over': {
    shapes: [
      [2, 8, 8, 3],
      [3, 3, 3, 4],
    ],
    ask: ([x, filter]) => conv2d(x as Tensor4D, filter as Tensor4D, 2, 'valid'),
  },
  'a depthwise convolution padded with zeros': {
    shapes: [
      [2, 8, 8, 6],
      [3, 3, 6, 1],
    ],
    ask: ([x, filter]) => depthwiseConv2d(pad(x as Tensor4D, EDGE), filter as Tensor4D, 2, 'valid'),
  },
  'sigmoid and swish': {
    shapes: [[2, 5, 5, 4]],
    ask: ([x]) => add(sigmoid(x as Tensor), mul(x as Tensor, sigmoid(x as Tensor))),
  },
  'squeeze and excite': {
    shapes: [
      [2, 6, 6, 8],
      [1, 1, 8, 2],
      [1, 1, 2, 8],
    ],
    ask: ([x, reduce, expand]) => {
      const squeezed = reshape(mean(x as Tensor, [1, 2]), [2, 1, 1, 8]) as Tensor4D;
      const reduced = conv2d(squeezed, reduce as Tensor4D, 1, 'same');
      const excited = conv2d(mul<Tensor4D>(reduced, sigmoid(reduced)), expand as Tensor4D, 1, 'same');
      return mul(x as Tensor, sigmoid(excited));
    },
  },
};

describe('training on the wasm backend', () => {
  before(() => chooseBackend('wasm'));

  for (const item of KINDS) {
    const { kind, size, channels, kernel, stride } = item;
    it(`has the cpu backend's gradients: ${kind} ${kernel}x${kernel} stride ${stride} on ${size}x${size}x${channels[0]}`, () =>
      assertAgrees(convolution(item)));
  }

  for (const [name, question] of Object.entries(PARTS)) {
    it(`has the cpu backend's gradients: ${name}`, () => assertAgrees(question));
  }

  for (const { backbone } of KNOWN_WEIGHTS) {
    it(`has the cpu backend's gradients at every shape of ${backbone.name}`, async () => {
      const shapes = shapesOf(backbone);
      assert.ok(shapes.length > 30, `${shapes.length} shapes`);
      for (const item of shapes) await assertAgrees(convolution(item));
    });
  }
});

async function assertAgrees(question: Question): Promise<void> {
  const expected = await gradientsOn('cpu', question);
  const actual = await gradientsOn('wasm', question);
  for (const [i, values] of expected.entries()) assertClose(actual[i], values);
}

function convolution({ size, channels, kernel, ...item }: Case): Question {
  const filter = [kernel, kernel, ...channels];
  return {
    shapes: [[2, size, size, channels[0]], filter],
    ask: ([x, f]) => convolve(item, x as Tensor4D, f as Tensor4D),
  };
}

function convolve({ kind, stride }: Pick<Case, 'kind' | 'stride'>, x: Tensor4D, filter: Tensor4D): Tensor {
  return kind === 'conv' ? conv2d(x, filter, stride, 'same') : depthwiseConv2d(x, filter, stride, 'same');
}

/** Gradients of a fixed weighted sum of the answer with respect to all that it was made from. */
async function gradientsOn(backend: string, { shapes, ask }: Question): Promise<Float32Array[]> {
  await setBackend(backend);
  const before = memory().numTensors;
  const inputs = shapes.map((shape, i) => waves(shape, [1.3, 0.7, 0.9][i] ?? 1));
  const shape = tidy(() => ask(inputs).shape);
  const weights = waves(shape, 2.1);
  const results = grads((...all: Tensor[]) => sum(mul(ask(all), weights)))(inputs);
  const values = results.map((result) => result.dataSync<'float32'>().slice());
  for (const made of [...inputs, weights, ...results]) made.dispose();
  assert.equal(memory().numTensors, before, `${backend} leaks no tensor`);
  return values;
}

function waves(shape: readonly number[], step: number): Tensor {
  const length = shape.reduce((product, side) => product * side, 1);
  return tensor(
    Float32Array.from({ length }, (_, i) => Math.sin(i * step) + 0.1 * Math.cos(i * 0.01)),
    [...shape],
  );
}

function assertClose(actual: Float32Array | undefined, expected: Float32Array): void {
  assert.equal(actual?.length, expected.length);
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  for (const [i, value] of expected.entries()) {
    assert.ok(
      Math.abs((actual?.[i] ?? Number.NaN) - value) <= 1e-5 * largest,
      `value ${i}: ${actual?.[i]} against ${value}`,
    );
  }
}
