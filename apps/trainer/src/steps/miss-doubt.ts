import type { OperatingPoint } from '#model/card';
import { verdictOfScored } from '#model/decide';
import { CONFIDENCE, lowerLimit, upperLimit } from '#model/metrics-share';
import type { Scored, ScoredSides } from '../judge/score.js';

/**
 * An operating point at which half of the defects or more pass, on validation or, clearly more than there, on test.
 * @param why what it follows from on validation, and what to do
 * @returns one line or none
 */
export function describeMisses(
  { validation, test }: ScoredSides,
  { point, why }: { readonly point: OperatingPoint; readonly why: string },
): string[] {
  const [chosen, elsewhere] = [countMissed(validation, point), countMissed(test, point)];
  const saying = `the threshold passes ${chosen.missed} of ${chosen.defects} validation defects`;
  if (isHalf(chosen)) return [`${saying}: ${why}`];
  const isWorse =
    lowerLimit(elsewhere.missed, elsewhere.defects, CONFIDENCE) > upperLimit(chosen.missed, chosen.defects, CONFIDENCE);
  if (!isHalf(elsewhere) || (chosen.defects > 0 && !isWorse)) return [];
  const onTest = `${elsewhere.missed} of ${elsewhere.defects} of test`;
  return [
    chosen.defects === 0
      ? `the threshold passes ${onTest}, and validation has no defects: ${why}`
      : `${saying}, but ${onTest}: chosen there, it does not hold here. Name lots or parts as groups, so that validation differs from training as test does, or add defects like test's to training`,
  ];
}

interface Missed {
  readonly missed: number;
  readonly defects: number;
}

function countMissed(side: readonly Scored[], point: OperatingPoint): Missed {
  const defects = side.filter(({ isDefect }) => isDefect);
  return { defects: defects.length, missed: defects.filter((one) => verdictOfScored(one, point) === 'PASS').length };
}

function isHalf({ missed, defects }: Missed): boolean {
  return defects > 0 && 2 * missed >= defects;
}
