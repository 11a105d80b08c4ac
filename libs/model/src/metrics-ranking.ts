import { InputError, InvariantError } from '#contracts';
import type { GuardedScore } from './decide.js';

/** One judged picture: what the model says, higher = worse, and the truth. Positive = defective. */
export interface ScoredSample extends GuardedScore {
  readonly isDefect: boolean;
}

/** Everything rejected at one threshold: the samples with a score of at least `score`. */
interface Cut {
  readonly score: number;
  readonly tp: number;
  readonly fp: number;
}

/** Samples of each kind. */
export interface ClassSizes {
  readonly defects: number;
  readonly goods: number;
}

/**
 * Count defects and goods.
 * @throws InputError ONE_CLASS when there are no defects or no goods: then no figure says how well they are told apart
 */
export function countClasses(samples: readonly ScoredSample[]): ClassSizes {
  const defects = samples.reduce((count, { isDefect }) => count + (isDefect ? 1 : 0), 0);
  const goods = samples.length - defects;
  if (defects > 0 && goods > 0) return { defects, goods };
  throw new InputError(
    'ONE_CLASS',
    `Expected pictures of both kinds, got ${defects} defective and ${goods} good. Add pictures of the missing kind to this subset.`,
  );
}

/**
 * One cut per distinct score, from the highest score down. Equal scores fall together: no threshold can part them.
 */
export function cutsOf(samples: readonly ScoredSample[]): Cut[] {
  const cuts: Cut[] = [];
  let [tp, fp] = [0, 0];
  for (const { score, isDefect } of sortedByScore(samples).reverse()) {
    if (isDefect) tp++;
    else fp++;
    if (cuts.at(-1)?.score === score) cuts.pop();
    cuts.push({ score, tp, fp });
  }
  return cuts;
}

/** @throws InvariantError for a score that is no number: it has no place in any order */
export function assertScores(samples: readonly GuardedScore[]): void {
  if (samples.some(({ score }) => Number.isNaN(score))) throw new InvariantError('A defect score is not a number.');
}

/** A copy in ascending order of score. */
export function sortedByScore(samples: readonly ScoredSample[]): ScoredSample[] {
  assertScores(samples);
  return [...samples].sort((a, b) => a.score - b.score);
}

/**
 * Area under the ROC curve: the chance that a defect scores higher than a good part, equal scores counting half.
 * @throws InputError ONE_CLASS
 */
export function auroc(samples: readonly ScoredSample[]): number {
  const { defects, goods } = countClasses(samples);
  let area = 0;
  let [tp, fp] = [0, 0];
  for (const cut of cutsOf(samples)) {
    // Trapezoid: a step through several equal scores is a slope, which is the half count of ties.
    area += ((cut.fp - fp) * (cut.tp + tp)) / 2;
    [tp, fp] = [cut.tp, cut.fp];
  }
  return area / (defects * goods);
}

/**
 * Average precision: precision weighted by the recall each threshold adds, without interpolation (the definition of
 * scikit-learn's `average_precision_score`).
 * @throws InputError ONE_CLASS
 */
export function averagePrecision(samples: readonly ScoredSample[]): number {
  const { defects } = countClasses(samples);
  let [sum, found] = [0, 0];
  for (const { tp, fp } of cutsOf(samples)) {
    sum += ((tp - found) / defects) * (tp / (tp + fp));
    found = tp;
  }
  return sum;
}

/**
 * Highest F1 = 2 TP / (2 TP + FP + FN) over all thresholds.
 * @throws InputError ONE_CLASS
 */
export function maxF1(samples: readonly ScoredSample[]): number {
  const { defects } = countClasses(samples);
  return cutsOf(samples).reduce((best, { tp, fp }) => Math.max(best, (2 * tp) / (tp + fp + defects)), 0);
}

/**
 * Least share of good parts rejected at a threshold that finds at least `recall` of all defects.
 * @param recall in (0, 1]
 * @throws InputError ONE_CLASS
 */
export function overkillAtRecall(samples: readonly ScoredSample[], recall: number): number {
  const { defects, goods } = countClasses(samples);
  // 0.95 of 20 is 19 and must not become 20 by a rounding error of the product.
  const needed = Math.ceil(recall * defects - 1e-9);
  const cut = cutsOf(samples).find(({ tp }) => tp >= needed);
  return (cut?.fp ?? goods) / goods;
}
