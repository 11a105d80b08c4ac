import assert from 'node:assert/strict';
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { findBackbone } from '#model/backbones/find';
import { resolveFreeze } from '#model/backbones/freeze';
import { buildTail, cutLength } from '#model/network';
import { type Parameter, pack, totalLength } from '#model/train/parameters';
import { type Batch, Tail } from '#model/train/tail';
import { formulaTensor } from '#model/weights/formula';
import { formulaBase } from './formula-base.js';

const HEAD = { units: [], dropout: 0, labels: 2 };

/** A network, and the first layer of it that learns. */
export interface TailCase {
  readonly name: string;
  readonly variant: string;
  readonly side: number;
  /** The first layer that learns lies inside a block, so that layers before it in the block stay frozen. */
  readonly from: string;
}

// What each family has of its own: strides, both paddings, poolings, squeeze-excite, shortcuts.
export const TAILS: readonly TailCase[] = [
  { name: 'efficientnet-lite0', variant: 'tensorflow', side: 33, from: 'block6d_dwconv' },
  { name: 'efficientnet-b0', variant: 'keras', side: 33, from: 'block6d_se_expand' },
  { name: 'mobilenet-v2-0.35', variant: 'keras', side: 40, from: 'block_13_depthwise' },
  { name: 'mobilenet-v2-0.35', variant: 'timm', side: 40, from: 'block_13_depthwise' },
  { name: 'resnet50', variant: 'keras', side: 33, from: 'conv5_block3_2_conv' },
  { name: 'vgg16', variant: 'keras', side: 33, from: 'block5_conv2' },
];

export interface TailGradient {
  readonly parameters: readonly Parameter[];
  readonly loss: number;
  readonly gradient: Float32Array;
}

/** Loss and gradient of two pictures in a network of formula weights, on a backend that has been started. */
export async function tailGradientOn(backend: string, { name, variant, side, from }: TailCase): Promise<TailGradient> {
  const backbone = findBackbone(name, variant);
  const { cut, frozen } = resolveFreeze(
    backbone.layers.findIndex((layer) => layer.name === from),
    backbone,
  );
  assert.ok(cut !== 'embedding' && frozen.length > 0);
  const size = { height: side, width: side };
  const weights = new Map([
    ...formulaBase(backbone),
    ['probabilities/kernel', formulaTensor('probabilities/kernel', [backbone.featureSize, 2], 1)] as const,
    ['probabilities/bias', formulaTensor('probabilities/bias', [2], 1)] as const,
  ]);
  const batch = batchOf(cutLength(backbone, size, cut), backbone.featureSize);
  await setBackend(backend);
  const before = memory().numTensors;
  const tail = new Tail(buildTail({ backbone, head: HEAD, size, cut, frozen }));
  const { parameters } = tail;
  const flat = new Float32Array(totalLength(parameters));
  const gradient = new Float32Array(flat.length);
  pack(parameters, weights, flat);
  tail.load(flat);
  const loss = await tail.gradient(batch, gradient);
  tail.dispose();
  assert.equal(memory().numTensors, before, `${backend} leaks no tensor`);
  return { parameters, loss, gradient };
}

function batchOf(cutValues: number, penultimate: number): Batch {
  const count = 2;
  const { data } = formulaTensor('cut/kernel', [count * cutValues], 1);
  return {
    count,
    features: data.map((value) => Math.abs(value)),
    targets: Float32Array.of(1, 0, 0, 1),
    weights: Float32Array.of(0.5, 0.5),
    mask: new Float32Array(count * penultimate).fill(1),
  };
}
