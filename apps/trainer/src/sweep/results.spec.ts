import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Plan } from '../plan/plan.js';
import { rank } from './rank.js';
import { describeStanding, rowsOf } from './results.js';
import type { EndedTrial, Round } from './run-sweep.js';
import { SweepFile } from './sweep-file.js';

const sweep = SweepFile.parse({ title: 'T', seeds: [1, 2], over: { 'fineTune.rate': [1, 2, 3] } });
const candidates = [0, 1, 2].map((index) => ({ index, name: `c${index}`, settings: {}, skipped: null }));

/** Ten good parts and ten defects, of which so many score as good ones do. */
const picturesOf = (missed: number) =>
  Array.from({ length: 20 }, (_, i) => ({
    ...{ path: `${i}`, group: `${i}`, isDefect: i % 2 === 1 },
    score: i % 2 === 1 && i >= 2 * missed ? 0.9 : 0.1,
  }));

/** @param missed by candidate and seed; a text: why that trial failed */
function roundOf(effort: number | null, missed: Readonly<Record<number, readonly (number | string)[]>>): Round {
  const trials = Object.entries(missed).flatMap(([index, bySeed]) =>
    bySeed.map((one, i): EndedTrial => {
      const candidate = candidates[Number(index)];
      assert.ok(candidate);
      const trial = { id: `${index}-${i}`, candidate, seed: i + 1, plan: {} as Plan };
      if (typeof one === 'string') return { ...trial, result: null, failure: one };
      const result = { schema: 'lineside.trial/1', fingerprint: 'f', backend: 'b', seconds: 1 } as const;
      return { ...trial, result: { ...result, pictures: picturesOf(one) }, failure: null };
    }),
  );
  const own = (index: number) =>
    new Map(
      trials.flatMap(({ candidate, seed, result }) =>
        candidate.index === index && result !== null ? [[seed, result.pictures] as const] : [],
      ),
    );
  return {
    effort,
    trials,
    ranked: rank(
      Object.keys(missed)
        .map(Number)
        .map((index) => ({ index, pictures: own(index) })),
      'auroc',
    ),
  };
}

const standings = (rounds: readonly Round[]) =>
  rowsOf({ candidates, rounds }, sweep).map((row) => [row.place, row.name, describeStanding(row)]);

describe('the ranked table of a sweep', () => {
  it('says of the first, too, that a seed failed, and why', () => {
    const [first, ...others] = standings([roundOf(null, { 0: [0, 'DIVERGED: no number'], 1: [8, 8], 2: ['a', 'b'] })]);
    assert.deepEqual(first, [1, 'c0', 'first, by one seed alone: DIVERGED: no number']);
    assert.deepEqual(others, [
      [2, 'c1', 'worse than the first'],
      [null, 'c2', 'a'],
    ]);
  });

  it('calls nothing first by what it was on less effort, where it failed on more', () => {
    const early = roundOf(1, { 0: [0, 0], 1: [2, 2], 2: [8, 8] });
    const failed = [1, 'c0', 'failed at 3, DIVERGED: no number'];
    assert.deepEqual(standings([early, roundOf(3, { 0: ['DIVERGED: no number', 'x'] })]), [
      failed,
      [2, 'c1', 'left earlier'],
      [3, 'c2', 'left earlier'],
    ]);
    const [first, second] = standings([early, roundOf(3, { 0: ['DIVERGED: no number', 'x'], 1: [3, 3] })]);
    assert.deepEqual(first, [1, 'c1', 'first']);
    assert.deepEqual(second, [2, ...failed.slice(1)]);
  });
});
