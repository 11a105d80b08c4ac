import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import { conv2d, depthwiseConv2d, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { differenceOf, gradientsOn, PARTS, type Question } from '../../../../test/factories/gradients.js';
import type { Backbone } from '../backbones/backbone.js';
import { buildBase } from '../network.js';
import { BUILT_IN_WEIGHTS } from '../weights/record.js';
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
    it(`has the cpu backend's gradients: ${kind} ${kernel}x${kernel} stride ${stride} on ${size}x${size}x${channels[0]}`, () =>
      assertAgrees(convolution(item)));
  }

  for (const [name, question] of Object.entries(PARTS)) {
    it(`has the cpu backend's gradients: ${name}`, () => assertAgrees(question));
  }

  for (const { backbone } of BUILT_IN_WEIGHTS) {
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
  for (const [i, values] of expected.entries()) {
    const difference = differenceOf(actual[i], values);
    assert.ok(difference <= 1e-5, `input ${i}: ${difference}`);
  }
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
