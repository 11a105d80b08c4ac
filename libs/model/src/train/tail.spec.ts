import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { findBackbone } from '../backbones/find.js';
import { chooseBackend } from '../backend/choose.js';
import { buildTail, cutLength } from '../network.js';
import { totalLength } from './parameters.js';
import { type Batch, Tail } from './tail.js';

const SIZE = { height: 32, width: 32 };
const backbone = findBackbone('efficientnet-lite0');
const head = { units: [], dropout: 0, labels: 2 };
const length = backbone.featureSize;

const batch: Batch = {
  count: 2,
  features: Float32Array.from({ length: 2 * length }, (_, i) => Math.sin(i)),
  targets: Float32Array.of(0.95, 0.05, 0.1, 0.9),
  weights: Float32Array.of(0.25, 0.75),
  mask: new Float32Array(2 * length).fill(1),
};

describe('loss of a tail', () => {
  before(() => chooseBackend('wasm'));

  for (const gamma of [0, 0.5, 2]) {
    it(`with focal exponent ${gamma} is what the paper says, and so is its gradient`, async () => {
      const tail = new Tail(buildTail({ backbone, head, size: SIZE, cut: 'embedding' }), gamma);
      const flat = Float32Array.from({ length: totalLength(tail.parameters) }, (_, i) => 0.05 * Math.cos(3 * i));
      const lossAt = async (weights: Float32Array, gradient = new Float32Array(flat.length)) => {
        tail.load(weights);
        return tail.gradient(batch, gradient);
      };
      const gradient = new Float32Array(flat.length);
      const loss = await lossAt(flat, gradient);
      const probabilities = await tail.predict(batch.features, 2);
      const expected = [...probabilities].reduce((sum, p, i) => {
        const [target, weight] = [batch.targets[i] ?? 0, batch.weights[Math.floor(i / 2)] ?? 0];
        return sum - weight * target * (1 - p) ** gamma * Math.log(p);
      }, 0);
      assert.ok(Math.abs(loss - expected) < 1e-5, `${loss} ${expected}`);
      for (const at of [0, 777, flat.length - 1]) {
        const aside = async (step: number) => lossAt(flat.map((value, i) => (i === at ? value + step : value)));
        const slope = ((await aside(1e-2)) - (await aside(-1e-2))) / 2e-2;
        assert.ok(Math.abs(slope - (gradient[at] ?? 0)) < 1e-3, `${at}: ${slope} against ${gradient[at]}`);
      }
      tail.dispose();
    });
  }
});

describe('gradient of a tail', () => {
  before(() => chooseBackend('wasm'));

  for (const pooling of ['max', 'both'] as const) {
    it(`goes through the pooling ${pooling} to the blocks`, async () => {
      // A map of 2 x 2 before the last block, so that mean and peak differ.
      const size = { height: 64, width: 64 };
      const tail = new Tail(buildTail({ backbone, head: { ...head, pooling }, size, cut: 15 }));
      const { parameters } = tail;
      const flat = Float32Array.from({ length: totalLength(parameters) }, (_, i) => 0.02 * Math.cos(3 * i));
      const top = parameters.find(({ name }) => name === 'top_conv/bias');
      assert.ok(top !== undefined);
      // Between the two kinks of ReLU6, where a slope can be measured.
      flat.fill(1, top.offset, top.offset + top.length);
      const wide = (pooling === 'both' ? 2 : 1) * length;
      const values = 2 * cutLength(backbone, size, 15);
      const pair = {
        ...batch,
        features: Float32Array.from({ length: values }, (_, i) => Math.sin(i)),
        mask: new Float32Array(2 * wide).fill(1),
      };
      const lossAt = (weights: Float32Array, gradient = new Float32Array(flat.length)) => {
        tail.load(weights);
        return tail.gradient(pair, gradient);
      };
      const gradient = new Float32Array(flat.length);
      await lossAt(flat, gradient);
      const steepest = Array.from({ length: top.length }, (_, i) => top.offset + i).reduce((most, i) =>
        Math.abs(gradient[i] ?? 0) > Math.abs(gradient[most] ?? 0) ? i : most,
      );
      const aside = (step: number) => lossAt(flat.map((value, i) => (i === steepest ? value + step : value)));
      const slope = ((await aside(2e-3)) - (await aside(-2e-3))) / 4e-3;
      const found = gradient[steepest] ?? 0;
      assert.ok(found !== 0 && Math.abs(slope - found) < 0.05 * Math.abs(found) + 1e-4, `${slope} against ${found}`);
      tail.dispose();
    });
  }
});
