import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { measureDrift, summariseScores } from './drift.js';

/** `n` scores spread evenly from `low` to `high`. */
const spread = (n: number, low: number, high: number): number[] =>
  Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1));

describe('drift of scores', () => {
  const reference = summariseScores(spread(100, 0, 0.2));
  if (reference === null) throw new Error('expected a summary');

  it('is small for the same distribution, also with a few defects among the parts', () => {
    assert.ok(measureDrift(spread(200, 0, 0.2), reference).distance < 0.01);
    const { distance, chance } = measureDrift([...spread(190, 0, 0.2), ...spread(10, 0.8, 1)], reference);
    assert.ok(distance < 0.06, `${distance}`);
    assert.ok(chance > 0.1 && chance < 0.3, `${chance}`);
  });

  it('is the distance of the distribution functions when scores moved up or down', () => {
    assert.ok(Math.abs(measureDrift(spread(200, 0.1, 0.3), reference).distance - 0.5) < 0.02);
    assert.ok(measureDrift(spread(200, 0.5, 0.6), reference).distance > 0.98);
    assert.ok(measureDrift(spread(200, 0, 0.02), reference).distance > 0.85);
  });

  it('takes equal scores as they are: a model that is sure of all good parts has not drifted by being sure', () => {
    const sure = summariseScores(Array(50).fill(0.001));
    assert.ok(sure !== null);
    assert.ok(measureDrift(Array(80).fill(0.001), sure).distance < 0.02);
    assert.ok(measureDrift(Array(80).fill(0.2), sure).distance > 0.98);
  });

  it('has nothing to say without good pictures', () => {
    assert.equal(summariseScores([]), null);
  });
});
