import type { OperatingPoint } from '#model/card';
import { groupOf } from '#model/dataset/sample';
import { aurocInterval } from '#model/metrics-interval';
import { auroc } from '#model/metrics-ranking';
import { type Aim, describeWish } from '#model/wish';
import type { Scored, ScoredSides } from '../judge/score.js';
import { countWrong, describeWorse, isHalf, isWorseElsewhere, type WrongShare } from './wrong-share.js';

/** A ranking that owes nothing to the pictures. */
const CHANCE = 0.5;

/**
 * An operating point whose scores reject half of the good parts or more, and what that follows from. What the guard
 * rejects is another doubt.
 * @returns one line or none
 * @throws InputError ONE_CLASS
 */
export function describeOverkill(
  { validation, test }: ScoredSides,
  { aim, point }: { readonly aim: Aim; readonly point: OperatingPoint },
): string[] {
  const [chosen, elsewhere] = [countRejected(validation, point), countRejected(test, point)];
  const saying = `the threshold rejects ${chosen.wrong} of ${chosen.of} good validation pictures`;
  if (isHalf(chosen)) {
    const { ranking, isTold } = rankingOf(validation);
    if (isTold)
      return [
        `${saying}: that follows from the wish (${describeWish(aim)}) where scores overlap (${ranking}). Change the wish (operatingPoint), or add pictures like those it takes for the other kind`,
      ];
    const shown = test.length === 0 ? null : rankingOf(test);
    return shown?.isTold
      ? [
          `${saying}: validation has too few pictures to place one (${ranking}), though the scores tell test's good pictures from defects (${shown.ranking}). Label more for validation, or have this model's threshold moved to a fixed overkill, lineside threshold --set operatingPoint.rejectAtMost=0.05`,
        ]
      : [
          `${saying}: the scores do not clearly tell them from defects (${ranking}), and no threshold mends that. See pictures and labels with lineside data check, add pictures, or show the defect larger (roi, tiles)`,
        ];
  }
  return isWorseElsewhere(chosen, elsewhere) ? [describeWorse(saying, elsewhere, 'pictures')] : [];
}

/** How a side is ranked, and whether that is clearly better than chance. @throws InputError ONE_CLASS */
function rankingOf(side: readonly Scored[]): { ranking: string; isTold: boolean } {
  const { low, high } = aurocInterval(side.map((one) => ({ ...one, group: groupOf(one.sample) })));
  const ranking = `AUROC ${auroc(side).toFixed(4)}, 95 % limits ${low.toFixed(4)} to ${high.toFixed(4)}`;
  return { ranking, isTold: low > CHANCE };
}

/** Of the good pictures that the guard knows. */
function countRejected(side: readonly Scored[], point: OperatingPoint): WrongShare {
  const goods = side.filter(({ isDefect, isUnfamiliar }) => !isDefect && !isUnfamiliar);
  return countWrong(goods, point);
}
