import type { OperatingPoint } from '#model/card';
import type { Scored, ScoredSides } from '../judge/score.js';
import { countWrong, describeWorse, isHalf, isWorseElsewhere, type WrongShare } from './wrong-share.js';

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
  const saying = `the threshold passes ${chosen.wrong} of ${chosen.of} validation defects`;
  if (isHalf(chosen)) return [`${saying}: ${why}`];
  if (chosen.of > 0) return isWorseElsewhere(chosen, elsewhere) ? [describeWorse(saying, elsewhere, 'defects')] : [];
  const { wrong, of } = elsewhere;
  return isHalf(elsewhere)
    ? [`the threshold passes ${wrong} of ${of} of test, and validation has no defects: ${why}`]
    : [];
}

function countMissed(side: readonly Scored[], point: OperatingPoint): WrongShare {
  const defects = side.filter(({ isDefect }) => isDefect);
  return countWrong(defects, point);
}
