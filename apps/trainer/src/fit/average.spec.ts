import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WeightAverage } from './average.js';

describe('WeightAverage', () => {
  it('follows early steps closely and late ones by the decay asked for', () => {
    const average = new WeightAverage(Float32Array.of(0), 0.9);
    average.add(Float32Array.of(1));
    // 1 - 2/11 of the way.
    assert.ok(Math.abs((average.weights[0] ?? 0) - 9 / 11) < 1e-6);
    for (let i = 0; i < 300; i++) average.add(Float32Array.of(1));
    const before = average.weights[0] ?? 0;
    average.add(Float32Array.of(11));
    assert.ok(Math.abs((average.weights[0] ?? 0) - before - 1) < 1e-4);
  });

  it('calms weights that swing about a middle', () => {
    const average = new WeightAverage(Float32Array.of(0), 0.98);
    for (let i = 0; i < 1000; i++) average.add(Float32Array.of(3 + (i % 2 === 0 ? 1 : -1)));
    assert.ok(Math.abs((average.weights[0] ?? 0) - 3) < 0.02);
  });

  it('leaves the weights it was given alone', () => {
    const weights = Float32Array.of(5);
    new WeightAverage(weights, 0.5).add(Float32Array.of(0));
    assert.equal(weights[0], 5);
  });
});
