import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import {
  conv2d,
  depthwiseConv2d,
  grads,
  memory,
  mul,
  setBackend,
  sum,
  type Tensor,
  type Tensor4D,
  tensor4d,
} from '@tensorflow/tfjs-core';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbones/backbone.js';
import { buildBase } from '../network.js';
import { KNOWN_WEIGHTS } from '../weights/known.js';
import { chooseBackend } from './choose.js';

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

describe('training on the wasm backend', () => {
  before(() => chooseBackend('wasm'));

  for (const item of KINDS) {
    const { kind, size, channels, kernel, stride } = item;
    it(`has the cpu backend's gradients: ${kind} ${kernel}x${kernel} stride ${stride} on ${size}x${size}x${channels[0]}`, async () => {
      const expected = await gradientsOn('cpu', item);
      const actual = await gradientsOn('wasm', item);
      for (const [i, values] of expected.entries()) assertClose(actual[i], values);
    });
  }

  for (const { backbone } of KNOWN_WEIGHTS) {
    it(`has the cpu backend's gradients at every shape of ${backbone.name}`, async () => {
      const shapes = shapesOf(backbone);
      assert.ok(shapes.length > 30, `${shapes.length} shapes`);
      for (const item of shapes) {
        const expected = await gradientsOn('cpu', item);
        const actual = await gradientsOn('wasm', item);
        for (const [i, values] of expected.entries()) assertClose(actual[i], values);
      }
    });
  }
});

/** Gradients of a fixed weighted sum of the convolution with respect to input and filter. */
async function gradientsOn(backend: string, { kind, size, channels, kernel, stride }: Case): Promise<Float32Array[]> {
  await setBackend(backend);
  const before = memory().numTensors;
  const x = waves([2, size, size, channels[0]], 1.3);
  const filter = waves([kernel, kernel, ...channels], 0.7);
  const convolve = (a: Tensor, f: Tensor) =>
    kind === 'conv'
      ? conv2d(a as Tensor4D, f as Tensor4D, stride, 'same')
      : depthwiseConv2d(a as Tensor4D, f as Tensor4D, stride, 'same');
  const shape = convolve(x, filter);
  const weights = waves(shape.shape, 2.1);
  const results = grads((a: Tensor, f: Tensor) => sum(mul(convolve(a, f), weights)))([x, filter]);
  const values = results.map((result) => result.dataSync<'float32'>().slice());
  for (const tensor of [x, filter, shape, weights, ...results]) tensor.dispose();
  assert.equal(memory().numTensors, before, `${backend} leaks no tensor`);
  return values;
}

function waves(shape: readonly number[], step: number): Tensor4D {
  const length = shape.reduce((product, side) => product * side, 1);
  return tensor4d(
    Float32Array.from({ length }, (_, i) => Math.sin(i * step) + 0.1 * Math.cos(i * 0.01)),
    shape as [number, number, number, number],
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
