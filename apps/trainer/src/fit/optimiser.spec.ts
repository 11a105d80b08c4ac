import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Parameter } from '#model/train/parameters';
import { AdamW } from './optimiser.js';
import { rateFactor } from './schedule.js';

const parameter = (over: Partial<Parameter>): Parameter => ({
  name: 'a/kernel',
  shape: [1],
  offset: 0,
  length: 1,
  group: 'base',
  decays: true,
  isOpen: true,
  ...over,
});

describe('AdamW', () => {
  it('moves the first step by the rate against the sign of the gradient', () => {
    const weights = Float32Array.of(1, 1);
    const optimiser = new AdamW([parameter({ shape: [2], length: 2 })], { length: 2, weightDecay: 0 });
    optimiser.step(weights, Float32Array.of(0.3, -20), { base: 0.01, head: 0 });
    assert.ok(Math.abs((weights[0] ?? 0) - 0.99) < 1e-6);
    assert.ok(Math.abs((weights[1] ?? 0) - 1.01) < 1e-6);
  });

  it('gives each group its own rate and decays kernels, not biases', () => {
    const weights = Float32Array.of(1, 1, 1);
    const parameters = [
      parameter({ group: 'base' }),
      parameter({ name: 'p/kernel', offset: 1, group: 'head' }),
      parameter({ name: 'p/bias', offset: 2, group: 'head', decays: false }),
    ];
    const optimiser = new AdamW(parameters, { length: 3, weightDecay: 0.1 });
    optimiser.step(weights, new Float32Array(3), { base: 0, head: 0.5 });
    assert.deepEqual(
      [...weights].map((weight) => Number(weight.toFixed(6))),
      [1, 0.95, 1],
    );
  });

  it('finds the minimum of a bowl', () => {
    const weights = Float32Array.of(3);
    const optimiser = new AdamW([parameter({})], { length: 1, weightDecay: 0 });
    for (let i = 0; i < 800; i++)
      optimiser.step(weights, Float32Array.of(2 * ((weights[0] ?? 0) - 1)), { base: 0.02, head: 0 });
    assert.ok(Math.abs((weights[0] ?? 0) - 1) < 1e-2);
  });
});

describe('rateFactor', () => {
  it('climbs to the peak, then falls along a cosine to nearly nothing', () => {
    const schedule = { warmUp: 0.3, decay: 'cosine' } as const;
    const factors = Array.from({ length: 100 }, (_, step) => rateFactor(schedule, step, 100));
    assert.ok((factors[0] ?? 1) < 0.1);
    assert.equal(Math.max(...factors), 1);
    assert.equal(factors.indexOf(1), 29);
    assert.ok((factors[99] ?? 1) < 0.001);
  });

  it('stays at the peak without warm-up and decay', () => {
    assert.deepEqual(
      [0, 5, 9].map((step) => rateFactor({ warmUp: 0, decay: 'none' }, step, 10)),
      [1, 1, 1],
    );
  });
});
