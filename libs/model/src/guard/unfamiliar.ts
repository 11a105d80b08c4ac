import type { AtThreshold } from '#contracts';
import type { Guard } from '../card.js';
import { CONFIDENCE, lowerLimit, upperLimit } from '../metrics-share.js';
import { percentUp } from '../percent.js';

/**
 * Judged pictures of which clearly more are unfamiliar than of training pictures that were held out: the guard rejects
 * them, whatever their scores are. Clearly: the exact limit from below of the one is above that from above of the other,
 * and above what the plan allows.
 * @param sides counts by what they are of, as `test pictures`
 * @returns one line for all sides that are so, or none
 */
export function describeUnfamiliar(sides: Readonly<Record<string, AtThreshold>>, guard: Guard | null): string[] {
  if (guard === null) return [];
  const { falseAlarm, heldOut } = guard;
  const explained = Math.max(falseAlarm, upperLimit(heldOut.beyond, heldOut.pictures, CONFIDENCE));
  const strange = Object.entries(sides).flatMap(([name, at]) => {
    const { unfamiliar = 0 } = at;
    const judged = countJudged(at);
    return lowerLimit(unfamiliar, judged, CONFIDENCE) > explained ? [`${unfamiliar} of ${judged} ${name}`] : [];
  });
  if (strange.length === 0) return [];
  return [
    `${strange.join(' and ')} are unfamiliar to the guard, which rejects them whatever their score; of pictures like training's it is at most ${percentUp(explained)}. Name lots or parts as groups, so that its limit allows for how they differ; add pictures of this kind to training; or train with guard: off`,
  ];
}

/** `75 of 75 unfamiliar`; null where none is. */
export function tellUnfamiliar(at: AtThreshold): string | null {
  const { unfamiliar = 0 } = at;
  return unfamiliar === 0 ? null : `${unfamiliar} of ${countJudged(at)} unfamiliar`;
}

function countJudged({ tp, fp, tn, fn }: AtThreshold): number {
  return tp + fp + tn + fn;
}
