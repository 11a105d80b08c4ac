import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { PairedFigures } from '#contracts';
import type { OperatingPoint } from './card.js';
import { type GuardedScore, verdictOfScored } from './decide.js';
import { countFewestGroups, type Grouped, limitsOf } from './metrics-groups.js';
import { assertScores, countClasses } from './metrics-ranking.js';

/** One picture as two models score it. */
export interface Pair extends Grouped {
  readonly a: GuardedScore;
  readonly b: GuardedScore;
}

/** Draws of the bootstrap: enough for limits that stay within a hundredth of their width (Efron & Tibshirani 1993, 19). */
const DRAWS = 2_000;
/** What counts as noise: 1 in 20. */
const LEVEL = 0.05;

/**
 * Compare two models on the same pictures: ranking by a paired bootstrap that draws whole groups (limits of the difference
 * by {@link limitsOf}), errors at each one's own operating point by McNemar's exact test, in which a group has one vote.
 * The same pairs give the same limits.
 * @throws InputError ONE_CLASS
 */
export function comparePairs(pairs: readonly Pair[], points: { a: OperatingPoint; b: OperatingPoint }): PairedFigures {
  countClasses(pairs.map(({ isDefect, a }) => ({ isDefect, ...a })));
  assertScores(pairs.flatMap(({ a, b }) => [a, b]));
  const groups = [...new Set(pairs.map(({ group }) => group))];
  const at = new Map(groups.map((group, i) => [group, i]));
  const groupOf = pairs.map(({ group }) => at.get(group) ?? 0);
  const [rankA, rankB] = [ranker(pairs, 'a'), ranker(pairs, 'b')];
  const once = new Float64Array(pairs.length).fill(1);
  const [ownA, ownB] = [rankA(once), rankB(once)];
  const random = xoroshiro128plus(1);
  const differences: { auroc: number[]; averagePrecision: number[] } = { auroc: [], averagePrecision: [] };
  const weights = new Float64Array(pairs.length);
  const drawn = new Uint32Array(groups.length);
  for (let draw = 0; draw < DRAWS; draw++) {
    drawn.fill(0);
    for (let i = 0; i < groups.length; i++) {
      const group = uniformInt(random, 0, groups.length - 1);
      drawn[group] = (drawn[group] ?? 0) + 1;
    }
    for (let i = 0; i < weights.length; i++) weights[i] = drawn[groupOf[i] ?? 0] ?? 0;
    const [a, b] = [rankA(weights), rankB(weights)];
    // Without one of the kinds nothing is ranked.
    if (Number.isNaN(a.auroc)) continue;
    differences.auroc.push(b.auroc - a.auroc);
    differences.averagePrecision.push(b.averagePrecision - a.averagePrecision);
  }
  const fewestGroups = countFewestGroups(pairs);
  const difference = (of: 'auroc' | 'averagePrecision'): PairedFigures['auroc'] => {
    const limits = limitsOf(differences[of], fewestGroups);
    const isNoise = limits === null || (limits.low <= 0 && limits.high >= 0);
    return { a: ownA[of], b: ownB[of], difference: ownB[of] - ownA[of], limits, isNoise };
  };
  return {
    n: pairs.length,
    groups: groups.length,
    fewestGroups,
    auroc: difference('auroc'),
    averagePrecision: difference('averagePrecision'),
    misses: discordant(
      pairs.filter(({ isDefect }) => isDefect),
      points,
      (verdict) => verdict === 'PASS',
    ),
    overkills: discordant(
      pairs.filter(({ isDefect }) => !isDefect),
      points,
      (verdict) => verdict !== 'PASS',
    ),
  };
}

/** AUROC and average precision of one model's scores for weighted pictures, sorted once for all draws. */
function ranker(pairs: readonly Pair[], model: 'a' | 'b') {
  const scoreOf = (i: number) => pairs[i]?.[model].score ?? 0;
  const order = pairs.map((_, i) => i).sort((i, j) => scoreOf(j) - scoreOf(i));
  const score = order.map(scoreOf);
  const isDefect = order.map((i) => pairs[i]?.isDefect ?? false);
  return (weights: Float64Array): { auroc: number; averagePrecision: number } => {
    let [tp, fp, area, precision] = [0, 0, 0, 0];
    for (let from = 0; from < order.length; ) {
      let [defects, goods] = [0, 0];
      const tied = score[from];
      // Equal scores fall together: no threshold can part them.
      for (; from < order.length && score[from] === tied; from++) {
        const weight = weights[order[from] ?? 0] ?? 0;
        if (isDefect[from]) defects += weight;
        else goods += weight;
      }
      area += goods * (tp + defects / 2);
      tp += defects;
      fp += goods;
      if (defects > 0) precision += (defects * tp) / (tp + fp);
    }
    return { auroc: area / (tp * fp), averagePrecision: precision / tp };
  };
}

function discordant(
  pairs: readonly Pair[],
  points: { a: OperatingPoint; b: OperatingPoint },
  isError: (verdict: ReturnType<typeof verdictOfScored>) => boolean,
): PairedFigures['misses'] {
  let [onlyA, onlyB, both] = [0, 0, 0];
  /** Errors of A alone less errors of B alone. */
  const byGroup = new Map<string, number>();
  for (const { group, a, b } of pairs) {
    const [errsA, errsB] = [isError(verdictOfScored(a, points.a)), isError(verdictOfScored(b, points.b))];
    if (errsA && errsB) both++;
    else if (errsA) onlyA++;
    else if (errsB) onlyB++;
    byGroup.set(group, (byGroup.get(group) ?? 0) + Number(errsA) - Number(errsB));
  }
  const votes = [...byGroup.values()];
  const againstA = votes.filter((vote) => vote > 0).length;
  const againstB = votes.filter((vote) => vote < 0).length;
  const p = mcNemar(againstA, againstB);
  return { onlyA, onlyB, both, of: pairs.length, againstA, againstB, p, isNoise: p >= LEVEL };
}

/** McNemar's exact test (Psychometrika 12, 1947): two-sided binomial p of those that differ being a fair coin's. */
export function mcNemar(onlyA: number, onlyB: number): number {
  const n = onlyA + onlyB;
  return n === 0 ? 1 : Math.min(1, 2 * binomialCdf(Math.min(onlyA, onlyB), n, 0.5));
}
