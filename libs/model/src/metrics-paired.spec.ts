import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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
      a: clear + noiseA * (chance(i + 1) - 0.5),
      b: clear + noiseB * (chance(3 * i + 2) - 0.5),
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

describe('comparePairs', () => {
  it('gives each model its own figures', () => {
    const pairs = judged(1.5, 0.9);
    const { auroc: ranked, averagePrecision: precise } = comparePairs(pairs, POINTS);
    const of = (model: 'a' | 'b') => pairs.map((pair) => ({ isDefect: pair.isDefect, score: pair[model] }));
    for (const model of ['a', 'b'] as const) {
      assert.ok(Math.abs(ranked[model] - auroc(of(model))) < 1e-12);
      assert.ok(Math.abs(precise[model] - averagePrecision(of(model))) < 1e-12);
    }
    assert.ok(Math.abs(ranked.difference - (ranked.b - ranked.a)) < 1e-12);
  });

  it('calls a model against itself noise, and a clear gain none', () => {
    const same = judged(1, 1).map((pair) => ({ ...pair, b: pair.a }));
    const { auroc: ranked, misses } = comparePairs(same, POINTS);
    assert.deepEqual([ranked.difference, ranked.low, ranked.high, ranked.isNoise], [0, 0, 0, true]);
    assert.deepEqual([misses.onlyA, misses.onlyB, misses.p, misses.isNoise], [0, 0, 1, true]);
    const better = comparePairs(judged(2.5, 0.1), POINTS);
    assert.ok(better.auroc.low > 0 && !better.auroc.isNoise, JSON.stringify(better.auroc));
    assert.ok(better.misses.onlyA > 0 && better.misses.onlyB === 0);
  });

  it('is less sure where pictures come in groups, and repeats', () => {
    const pairs = judged(2, 1.2);
    const twins = pairs.flatMap((pair, i) => [pair, pair, pair].map((one) => ({ ...one, group: String(i) })));
    const alone = comparePairs(pairs, POINTS).auroc;
    const grouped = comparePairs(twins, POINTS).auroc;
    const careless = comparePairs(
      twins.map(({ group: _, ...pair }) => pair),
      POINTS,
    ).auroc;
    assert.deepEqual(grouped, alone, 'three views of each part are no more than the parts');
    assert.ok(careless.high - careless.low < 0.8 * (grouped.high - grouped.low));
  });

  it('counts misses and overkills apart, INCONCLUSIVE as rejected', () => {
    const points = { a: POINT, b: { threshold: 0.5, greyZone: [0.4, 0.6] as [number, number] } };
    const pairs: Pair[] = [
      { isDefect: true, a: 0.45, b: 0.45 },
      { isDefect: true, a: 0.1, b: 0.1 },
      { isDefect: false, a: 0.45, b: 0.45 },
      { isDefect: false, a: 0.1, b: 0.1 },
    ];
    const { misses, overkills } = comparePairs(pairs, points);
    assert.deepEqual([misses.onlyA, misses.onlyB, misses.both, misses.of], [1, 0, 1, 2]);
    assert.deepEqual([overkills.onlyA, overkills.onlyB, overkills.both, overkills.of], [0, 1, 0, 2]);
  });
});
