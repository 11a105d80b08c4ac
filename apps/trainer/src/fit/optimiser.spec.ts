import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Parameter } from '#model/train/parameters';
import { moveWeights, OPTIMISERS, type OptimiserOptions } from './optimiser.js';
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

/** Steps of one optimiser on these weights, each against a gradient. */
function stepping(weights: Float32Array, parameters: readonly Parameter[], options: Omit<OptimiserOptions, 'penalty'>) {
  const moments = [new Float32Array(weights.length), new Float32Array(weights.length)] as const;
  let count = 0;
  return (gradient: Float32Array, factor: number) => {
    const step = { factor, count: ++count, from: 0, to: weights.length };
    const rules = { ...options, penalty: { l1: 0, l2: 0 } };
    moveWeights(parameters, rules, { weights, gradients: [gradient], moments, ...step });
  };
}

describe('moving weights', () => {
  it('adam moves the first step by the rate against the sign of the gradient', () => {
    const weights = Float32Array.of(1, 1);
    const both = parameter({ shape: [2], length: 2 });
    stepping(weights, [both], { kind: 'adam', rates: [0.01], weightDecay: 0 })(Float32Array.of(0.3, -20), 1);
    assert.ok(Math.abs((weights[0] ?? 0) - 0.99) < 1e-6);
    assert.ok(Math.abs((weights[1] ?? 0) - 1.01) < 1e-6);
  });

  it('gives each parameter its own rate and decays kernels, not biases', () => {
    const weights = Float32Array.of(1, 1, 1);
    const parameters = [
      parameter({}),
      parameter({ name: 'p/kernel', offset: 1 }),
      parameter({ name: 'p/bias', offset: 2, decays: false }),
    ];
    stepping(weights, parameters, { kind: 'adam', rates: [0, 1, 1], weightDecay: 0.1 })(new Float32Array(3), 0.5);
    assert.deepEqual(
      [...weights].map((weight) => Number(weight.toFixed(6))),
      [1, 0.95, 1],
    );
  });

  it('sgd gathers momentum', () => {
    const weights = Float32Array.of(0);
    const step = stepping(weights, [parameter({})], { kind: 'sgd', rates: [0.1], weightDecay: 0 });
    for (let i = 0; i < 2; i++) step(Float32Array.of(1), 1);
    assert.ok(Math.abs((weights[0] ?? 0) + 0.1 + 0.19) < 1e-6);
  });

  it('rmsprop moves by the rate over the root of the mean square', () => {
    const weights = Float32Array.of(0);
    stepping(weights, [parameter({})], { kind: 'rmsprop', rates: [0.01], weightDecay: 0 })(Float32Array.of(2), 1);
    assert.ok(Math.abs((weights[0] ?? 0) + 0.01 / Math.sqrt(0.1)) < 1e-5);
  });

  for (const kind of OPTIMISERS) {
    it(`${kind} finds the minimum of a bowl`, () => {
      const weights = Float32Array.of(3);
      const step = stepping(weights, [parameter({})], { kind, rates: [0.02], weightDecay: 0 });
      for (let i = 0; i < 800; i++) step(Float32Array.of(2 * ((weights[0] ?? 0) - 1)), rateFactor(FALL, i, 800));
      assert.ok(Math.abs((weights[0] ?? 0) - 1) < 1e-2, `${weights[0]}`);
    });
  }

  it('sums what the workers found, and moves the same in two parts as in one', () => {
    const parameters = [
      parameter({ length: 3 }),
      parameter({ name: 'probabilities/kernel', group: 'head', offset: 3, length: 2 }),
    ];
    const rules = { kind: 'adam', rates: [0.1, 0.2], weightDecay: 0.1, penalty: { l1: 0.1, l2: 0.3 } } as const;
    const moved = ([1, 2] as const).map((parts) => {
      const weights = Float32Array.of(1, -2, 3, -4, 5);
      const gradients = [Float32Array.of(1, 2, 3, 4, 5), Float32Array.of(0, -1, 1, -3, 2)] as const;
      const moments = [new Float32Array(5), new Float32Array(5)] as const;
      for (const [from, to] of parts === 1
        ? [[0, 5]]
        : [
            [2, 5],
            [0, 2],
          ])
        moveWeights(parameters, rules, {
          weights,
          gradients,
          moments,
          factor: 1,
          count: 1,
          from: from ?? 0,
          to: to ?? 0,
        });
      assert.ok((gradients[0][0] ?? 0) === 1 && gradients[0][1] === 1 && gradients[0][2] === 4);
      return weights;
    });
    assert.deepEqual(moved[1], moved[0]);
    assert.ok((moved[0]?.[0] ?? 1) < 1);
  });
});

const FALL = { warmUp: 0, decay: 'linear' } as const;

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

  it('falls in a straight line, or to a hundredth', () => {
    const at = (decay: 'linear' | 'exponential', step: number) => rateFactor({ warmUp: 0.2, decay }, step, 10);
    assert.deepEqual(
      [2, 6, 9].map((step) => at('linear', step)),
      [1, 0.5, 0.125],
    );
    assert.ok(Math.abs(at('exponential', 6) - 0.1) < 1e-12);
  });
});
