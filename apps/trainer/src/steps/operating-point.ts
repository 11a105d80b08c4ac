import type { Evaluation } from '#contracts';
import type { Guard, OperatingPoint, OperatingReason } from '#model/card';
import { refuseClaim } from '#model/claim';
import { GOOD } from '#model/dataset/sample';
import type { Split } from '#model/dataset/split';
import { describeUnfamiliar, tellUnfamiliar } from '#model/guard/unfamiliar';
import { evaluateScores } from '#model/metrics';
import { chooseOperatingPoint } from '#model/operating-point';
import { describeReached, describeSpread, reachedAt } from '#model/reached';
import { type Aim, describeWish } from '#model/wish';
import type { ScoredSides } from '../judge/score.js';
import type { TrainLog } from '../train-log.js';
import { describeMisses } from './miss-doubt.js';
import { describeOverkill } from './overkill-doubt.js';
import { spreadOfThreshold } from './threshold-spread.js';

export interface OperatingChoice {
  readonly operatingPoint: OperatingPoint;
  readonly operatingReason: OperatingReason;
  readonly metrics: { readonly validation: Evaluation; readonly test: Evaluation | null };
}

/**
 * Before anything is trained: a claim that the validation side is too small for.
 * @throws RefusedError CLAIM_SAMPLE
 */
export function refuseHopelessWish({ wish }: Aim, { val }: Pick<Split, 'val'>): void {
  if (wish.kind === 'claim') refuseClaim(wish, val.filter(({ label }) => label !== GOOD).length);
}

/**
 * Choose the operating point on validation as the engineer wishes, and say what both sides show of the wish. The test
 * pictures chose nothing; validation has also judged the epochs, so the test's word is the independent one.
 * @throws RefusedError NO_THRESHOLD | CLAIM_SAMPLE | OVERKILL_UNREACHABLE; InputError ONE_CLASS
 */
export function setOperatingPoint(
  { validation, test, aim, guard }: ScoredSides & { readonly aim: Aim; readonly guard: Guard | null },
  log: TrainLog,
): OperatingChoice {
  const operatingPoint = chooseOperatingPoint(validation, aim);
  const metrics = {
    validation: evaluateScores(validation, operatingPoint),
    test: test.length === 0 ? null : evaluateScores(test, operatingPoint),
  };
  const reached = {
    validation: reachedAt(metrics.validation.atThreshold, aim.wish),
    test: metrics.test === null ? null : reachedAt(metrics.test.atThreshold, aim.wish),
  };
  const spread = spreadOfThreshold(validation, aim);
  const words = [
    `Wish: ${describeWish(aim)}`,
    `Validation, which also judged the epochs: ${describeReached(reached.validation, aim.wish)}`,
    reached.test === null
      ? 'No pictures were held out that could confirm it'
      : `Held-out test: ${describeReached(reached.test, aim.wish)}`,
    ...(spread === null ? [] : [describeSpread(spread)]),
  ].join('. ');
  log.step('threshold', `${operatingPoint.threshold.toFixed(4)}. ${words}.`);
  log.step('evaluate', describeMetrics(metrics));
  const counts = {
    'validation pictures': metrics.validation.atThreshold,
    ...(metrics.test === null ? {} : { 'test pictures': metrics.test.atThreshold }),
  };
  const doubts = [
    ...describeUnfamiliar(counts, guard),
    ...describeOverkill({ validation, test }, { aim, point: operatingPoint }),
    ...describeMisses({ validation, test }, { point: operatingPoint, why: whyMissed(aim) }),
  ];
  for (const doubt of doubts) log.doubt('threshold', doubt);
  return { operatingPoint, metrics, operatingReason: { ...aim, reached, spread, words: `${words}.` } };
}

function whyMissed(aim: Aim): string {
  return `that follows from the wish (${describeWish(aim)}) where scores overlap. Change the wish (operatingPoint), add pictures like those it passes, or show the defect larger (roi, tiles)`;
}

function describeMetrics({ validation, test }: OperatingChoice['metrics']): string {
  const side = (name: string, { auroc, maxF1, atThreshold }: Evaluation) => {
    const { fn, tp, fp, tn } = atThreshold;
    const figures = `${name} AUROC ${auroc.toFixed(4)}, max F1 ${maxF1.toFixed(3)}`;
    const counts = [`missed ${fn} of ${tp + fn}`, `overkill ${fp} of ${fp + tn}`, tellUnfamiliar(atThreshold)];
    return [figures, ...counts.filter((count) => count !== null)].join(', ');
  };
  return [side('validation', validation), ...(test === null ? [] : [side('test', test)])].join('; ');
}
