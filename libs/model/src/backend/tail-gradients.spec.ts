import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { formulaBase } from '../../../../test/factories/formula-base.js';
import { formulaTensor } from '../../../../test/factories/formula-weights.js';
import { findBackbone } from '../backbones/find.js';
import { resolveFreeze } from '../backbones/freeze.js';
import { buildTail, cutLength } from '../network.js';
import { pack, totalLength } from '../train/parameters.js';
import { type Batch, Tail } from '../train/tail.js';
import { chooseBackend } from './choose.js';

const HEAD = { units: [], dropout: 0, labels: 2 };

interface Case {
  readonly name: string;
  readonly variant: string;
  readonly side: number;
  /** The first layer that learns lies inside a block, so that layers before it in the block stay frozen. */
  readonly from: string;
}

// What each family has of its own: strides, both paddings, poolings, squeeze-excite, shortcuts.
const CASES: readonly Case[] = [
  { name: 'efficientnet-lite0', variant: 'tensorflow', side: 33, from: 'block6d_dwconv' },
  { name: 'efficientnet-b0', variant: 'keras', side: 33, from: 'block6d_se_expand' },
  { name: 'mobilenet-v2-0.35', variant: 'keras', side: 40, from: 'block_13_depthwise' },
  { name: 'mobilenet-v2-0.35', variant: 'timm', side: 40, from: 'block_13_depthwise' },
  { name: 'resnet50', variant: 'keras', side: 33, from: 'conv5_block3_2_conv' },
  { name: 'vgg16', variant: 'keras', side: 33, from: 'block5_conv2' },
];

describe('the open part of', () => {
  before(() => chooseBackend('wasm'));

  for (const { name, variant, side, from } of CASES) {
    it(`${name} (${variant}) has the cpu backend’s gradients in every open weight and none in a frozen one`, async () => {
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
      const gradientsOn = async (backend: string) => {
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
      };
      const expected = await gradientsOn('cpu');
      const { parameters, loss, gradient } = await gradientsOn('wasm');

      assert.ok(Math.abs(loss - expected.loss) < 1e-4 * Math.abs(expected.loss), `${loss} ${expected.loss}`);
      assert.equal(parameters.find(({ isOpen }) => isOpen)?.name.split('/')[0], from);
      for (const { name: weight, offset, length, isOpen } of parameters) {
        const values = gradient.subarray(offset, offset + length);
        assert.equal(values.some(Boolean), isOpen, `${weight} learns`);
        const wanted = expected.gradient.subarray(offset, offset + length);
        const scale = wanted.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
        for (const [i, value] of values.entries()) {
          if (Math.abs(value - (wanted[i] ?? Number.NaN)) <= 1e-3 * scale) continue;
          assert.fail(`${weight}[${i}] ${value}, expected ${wanted[i]} of at most ${scale}`);
        }
      }
    });
  }
});

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
