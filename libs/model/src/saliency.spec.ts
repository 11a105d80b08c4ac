import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { chooseBackend } from './backend/choose.js';
import { mapEvidence } from './saliency.js';
import type { WeightMap } from './weights/weight-map.js';

/** Two places, three channels. */
const FEATURES = Float32Array.of(1, 0, 2, 3, 1, 0);
const SEEN = { featureMap: FEATURES, embedding: Float32Array.of(2, 0.5, 1) };

const tensor = (shape: number[], ...data: number[]) => ({ shape, data: Float32Array.from(data) });

const close = (actual: ArrayLike<number>, expected: readonly number[]) =>
  assert.ok(
    actual.length === expected.length && expected.every((value, i) => Math.abs(value - (actual[i] ?? 0)) < 1e-4),
    `expected ${expected}, got ${Array.from(actual)}`,
  );

describe('mapEvidence', () => {
  before(() => chooseBackend('wasm'));

  it('is CAM where the head is linear: the difference of the weights of defect and good, below zero left out', () => {
    const head: WeightMap = new Map([
      ['probabilities/kernel', tensor([3, 2], 0, 1, 0, -5, 1, 2)],
      ['probabilities/bias', tensor([2], 0.3, -0.2)],
    ]);
    // Weights of defect less good: 1, -5, 1.
    close(mapEvidence(SEEN, head, 0), [1 + 2, 0]);
    close(mapEvidence(SEEN, head, 1), [0, 2]);
  });

  it('adds what mean and maximum of a channel say where the head reads both', () => {
    const head: WeightMap = new Map([
      ['probabilities/kernel', tensor([6, 2], 0, 1, 0, -5, 1, 2, 0, 2, 0, 3, 0, 0)],
      ['probabilities/bias', tensor([2], 0, 0)],
    ]);
    // 1 + 2, -5 + 3 and 1 + 0 over the channels.
    const both = { ...SEEN, embedding: Float32Array.of(2, 0.5, 1, 3, 1, 2), channels: 3 };
    close(mapEvidence(both, head, 0), [3 + 2, 9 - 2]);
  });

  it('follows the gradient through hidden layers and several defect classes', () => {
    const head: WeightMap = new Map([
      ['hidden1/kernel', tensor([3, 2], 0.5, -1, 0.2, 0.4, 0.3, 0.1)],
      ['hidden1/bias', tensor([2], 0.1, 0.05)],
      ['probabilities/kernel', tensor([2, 3], 0.1, 0.7, -0.4, 1, 2, 3)],
      ['probabilities/bias', tensor([3], 0, 0.2, -0.1)],
    ]);
    const logOdds = (x: readonly number[]): number => {
      const dense = (name: string, from: readonly number[]) => {
        const [kernel, bias] = [head.get(`${name}/kernel`), head.get(`${name}/bias`)];
        return Array.from(bias?.data ?? [], (b, j) =>
          from.reduce((sum, value, i) => sum + value * (kernel?.data[i * (bias?.data.length ?? 0) + j] ?? 0), b),
        );
      };
      const hidden = dense('hidden1', x).map((value) => Math.max(0, value));
      const [good = 0, ...defects] = dense('probabilities', hidden);
      return Math.log(defects.reduce((sum, z) => sum + Math.exp(z), 0)) - good;
    };
    const at = Array.from(SEEN.embedding);
    const step = 1e-4;
    const slope = at.map((_, i) => {
      const moved = (by: number) => logOdds(at.map((value, j) => (i === j ? value + by : value)));
      return (moved(step) - moved(-step)) / (2 * step);
    });
    const expected = [0, 1].map((place) =>
      Math.max(
        0,
        slope.reduce((sum, value, c) => sum + value * (FEATURES[place * 3 + c] ?? 0), 0),
      ),
    );
    assert.ok(expected.some((value) => value > 0));
    close(mapEvidence(SEEN, head, 0), expected);
  });
});
