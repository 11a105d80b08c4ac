import type { AtThreshold, Evaluation } from '#contracts';
import type { OperatingPoint } from './card.js';
import { verdictOfScored } from './decide.js';
import {
  auroc,
  averagePrecision,
  countClasses,
  maxF1,
  overkillAtRecall,
  type ScoredSample,
} from './metrics-ranking.js';
import { shareOf } from './metrics-share.js';

/**
 * Every figure of one set of judged pictures: how well the scores rank, and what the operating point makes of them.
 * @throws InputError ONE_CLASS when there are no defects or no goods
 */
export function evaluateScores(samples: readonly ScoredSample[], point: OperatingPoint): Evaluation {
  const { defects } = countClasses(samples);
  return {
    n: samples.length,
    positives: defects,
    auroc: auroc(samples),
    averagePrecision: averagePrecision(samples),
    maxF1: maxF1(samples),
    overkillAtRecall: {
      '0.95': overkillAtRecall(samples, 0.95),
      '0.99': overkillAtRecall(samples, 0.99),
      '1': overkillAtRecall(samples, 1),
    },
    atThreshold: countAtPoint(samples, point),
  };
}

/** Confusion at the operating point by the line's own verdicts; INCONCLUSIVE counts as reject and is listed apart. */
export function countAtPoint(samples: readonly ScoredSample[], point: OperatingPoint): AtThreshold {
  let [tp, fp, tn, fn, inconclusive, unfamiliar] = [0, 0, 0, 0, 0, 0];
  for (const sample of samples) {
    const { isDefect, isUnfamiliar = false } = sample;
    if (isUnfamiliar) unfamiliar++;
    const verdict = verdictOfScored(sample, point);
    if (verdict === 'INCONCLUSIVE') inconclusive++;
    const isRejected = verdict !== 'PASS';
    if (isDefect) isRejected ? tp++ : fn++;
    else isRejected ? fp++ : tn++;
  }
  return {
    threshold: point.threshold,
    greyZone: point.greyZone,
    tp,
    fp,
    tn,
    fn,
    inconclusive,
    ...(samples.some(({ isUnfamiliar }) => isUnfamiliar !== undefined) ? { unfamiliar } : {}),
    missRate: shareOf(fn, tp + fn),
    overkill: shareOf(fp, fp + tn),
  };
}
