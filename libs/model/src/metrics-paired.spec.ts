import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limitsOf } from './metrics-groups.js';
import { comparePairs, mcNemar, type Pair } from './metrics-paired.js';
import { auroc, averagePrecision } from './metrics-ranking.js';

const POINT = { threshold: 0.5, greyZone: [0.5, 0.5] as [number, number] };
const POINTS = { a: POINT, b: POINT };

/** A repeatable number in 0..1. */
const chance = (i: number) => ((i * 7_919) % 997) / 997;

/** Sixty pictures, 20 defects; model a adds so much noise, model b that much. */
const judged = (noiseA: number, noiseB: number): Pair[] =>
  Array.from({ length: 60 }, (_, i) => {
    const isDefect = i % 3 === 0;
    const clear = isDefect ? 0.7 : 0.3;
    return {
      isDefect,
      group: `picture ${i}`,
      a: { score: clear + noiseA * (chance(i + 1) - 0.5) },
      b: { score: clear + noiseB * (chance(3 * i + 2) - 0.5) },
    };
  });

describe('mcNemar', () => {
  // Expected: SciPy 1.17, binomtest(a, a + b, 0.5).pvalue.
  for (const [a, b, p] of [
    [3, 10, 0.09228515625],
    [0, 9, 0.00390625],
    [25, 11, 0.028816719655878845],
    [1, 0, 1],
    [5, 5, 1],
    [0, 0, 1],
  ] as const) {
    it(`of ${a} against ${b} is ${p}`, () => assert.ok(Math.abs(mcNemar(a, b) - p) < 1e-12, String(mcNemar(a, b))));
  }
});

describe('limitsOf', () => {
  it('leaves out less at each end the fewer groups were drawn from, and says nothing of too few', () => {
    const draws = Array.from({ length: 10_001 }, (_, i) => (10_000 - i) / 10_000);
    // Expected: SciPy 1.17, norm.cdf(-sqrt(9 / 8) * t.ppf(0.975, 8)).
    const { low, high } = limitsOf(draws, 9) ?? { low: Number.NaN, high: Number.NaN };
    assert.ok(Math.abs(low - 0.0072248) < 2e-4, `${low}`);
    assert.ok(Math.abs(high - 0.9927752) < 2e-4, `${high}`);
    assert.equal(limitsOf(draws, 7), null);
  });
});

describe('comparePairs', () => {
  it('ends with an error where a model gives no number', () => {
    const [first, ...others] = judged(1.5, 0.9) as [Pair, ...Pair[]];
    const pairs = [{ ...first, b: { score: Number.NaN } }, ...others];
    assert.throws(() => comparePairs(pairs, POINTS), { name: 'InvariantError', message: /score is not a number/ });
  });

  it('gives each model its own figures', () => {
    const pairs = judged(1.5, 0.9);
    const { auroc: ranked, averagePrecision: precise } = comparePairs(pairs, POINTS);
    const of = (model: 'a' | 'b') => pairs.map((pair) => ({ isDefect: pair.isDefect, ...pair[model] }));
    for (const model of ['a', 'b'] as const) {
      assert.ok(Math.abs(ranked[model] - auroc(of(model))) < 1e-12);
      assert.ok(Math.abs(precise[model] - averagePrecision(of(model))) < 1e-12);
    }
    assert.ok(Math.abs(ranked.difference - (ranked.b - ranked.a)) < 1e-12);
  });

  it('calls a model against itself noise, and a clear gain none', () => {
    const same = judged(1, 1).map((pair) => ({ ...pair, b: pair.a }));
    const { auroc: ranked, misses } = comparePairs(same, POINTS);
    assert.deepEqual([ranked.difference, ranked.limits, ranked.isNoise], [0, { low: 0, high: 0 }, true]);
    assert.deepEqual([misses.onlyA, misses.onlyB, misses.p, misses.isNoise], [0, 0, 1, true]);
    const better = comparePairs(judged(2.5, 0.1), POINTS);
    assert.ok((better.auroc.limits?.low ?? 0) > 0 && !better.auroc.isNoise, JSON.stringify(better.auroc));
    assert.ok(better.misses.onlyA > 0 && better.misses.onlyB === 0);
  });

  it('is less sure where pictures come in groups, and repeats', () => {
    const pairs = judged(2, 1.2);
    const twins = pairs.flatMap((pair, i) => [pair, pair, pair].map((one) => ({ ...one, group: String(i) })));
    const alone = comparePairs(pairs, POINTS).auroc;
    const grouped = comparePairs(twins, POINTS).auroc;
    const careless = comparePairs(
      twins.map((pair, i) => ({ ...pair, group: String(i) })),
      POINTS,
    ).auroc;
    assert.deepEqual(grouped, alone, 'three views of each part are no more than the parts');
    const width = ({ limits }: typeof alone) => (limits?.high ?? 0) - (limits?.low ?? 0);
    assert.ok(width(careless) < 0.8 * width(grouped));
  });

  it('tells nothing apart by fewer than eight groups of a kind, however many their pictures are', () => {
    const better = judged(2.5, 0.1);
    const inGroups = (defects: number, goods: number) =>
      comparePairs(
        better.map((pair, i) => ({ ...pair, group: pair.isDefect ? `d${i % defects}` : `g${i % goods}` })),
        POINTS,
      );
    for (const few of [inGroups(1, 1), inGroups(7, 40), inGroups(20, 7)]) {
      for (const { limits, isNoise } of [few.auroc, few.averagePrecision])
        assert.deepEqual([limits, isNoise], [null, true]);
    }
    const enough = inGroups(8, 40);
    assert.deepEqual([enough.fewestGroups, enough.auroc.isNoise], [8, false]);
  });

  it('gives a group one vote on errors: one part that a model always misses is one miss', () => {
    const pair = { isDefect: true, a: { score: 0.1 }, b: { score: 0.9 } };
    const good = { isDefect: false, group: 'good', a: { score: 0.1 }, b: { score: 0.1 } };
    const of = (parts: number) => Array.from({ length: 12 }, (_, i) => ({ ...pair, group: String(i % parts) }));
    const { onlyA, againstA, againstB, p, isNoise } = comparePairs([good, ...of(1)], POINTS).misses;
    assert.deepEqual([onlyA, againstA, againstB, p, isNoise], [12, 1, 0, 1, true]);
    assert.equal(comparePairs([good, ...of(12)], POINTS).misses.p, mcNemar(12, 0));
  });

  it('takes a picture that one model does not know as rejected by it', () => {
    const unknown = { score: 0.1, isUnfamiliar: true };
    const pairs = [true, false].map((isDefect, i) => ({ isDefect, group: `${i}`, a: { score: 0.1 }, b: unknown }));
    const { misses, overkills } = comparePairs(pairs, POINTS);
    assert.deepEqual([misses.onlyA, misses.onlyB, overkills.onlyA, overkills.onlyB], [1, 0, 0, 1]);
  });

  it('counts misses and overkills apart, INCONCLUSIVE as rejected', () => {
    const points = { a: POINT, b: { threshold: 0.5, greyZone: [0.4, 0.6] as [number, number] } };
    const pairs = [true, false].flatMap((isDefect) =>
      [0.45, 0.1].map((score) => ({ isDefect, group: `${isDefect} ${score}`, a: { score }, b: { score } })),
    );
    const { misses, overkills } = comparePairs(pairs, points);
    assert.deepEqual([misses.onlyA, misses.onlyB, misses.both, misses.of], [1, 0, 1, 2]);
    assert.deepEqual([overkills.onlyA, overkills.onlyB, overkills.both, overkills.of], [0, 1, 0, 2]);
  });
});
