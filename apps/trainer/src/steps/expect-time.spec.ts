import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expectTime } from './expect-time.js';

/** What is said of a phase whose steps end at these times, and after which of them. */
function saidOf(endsAtMs: readonly number[], { before = 0, total = 100 } = {}): [step: number, words: string][] {
  const said: [number, string][] = [];
  let step = before;
  const onStep = expectTime({
    ...{ backend: 'tensorflow', workers: 1 },
    say: (words) => said.push([step, words]),
    now: () => endsAtMs[step - before - 1] ?? Number.NaN,
  });
  for (const _ of endsAtMs) onStep(++step, total);
  return said;
}

describe('expectTime', () => {
  it('says after the third step what all take, without the first, which warms up', () => {
    const said = saidOf([9_000, 9_400, 10_000, 60_000, 70_000]);
    assert.deepEqual(said, [[3, '100 steps of 0.50 s on tensorflow with 1 worker: about 50 s']]);
  });

  it('says of a phase that goes on what is left of it, and in minutes where that is long', () => {
    const said = saidOf([5_000, 6_000, 7_000], { before: 40, total: 200 });
    assert.deepEqual(said, [[43, '160 steps of 1.00 s on tensorflow with 1 worker: about 3 min']]);
  });

  it('says nothing of a phase that is over before', () => {
    assert.deepEqual(saidOf([1_000, 2_000], { total: 2 }), []);
  });
});
