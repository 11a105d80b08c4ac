import type { AtThreshold } from '#contracts';
import type { Reached } from './card.js';
import { defectsNeeded } from './claim.js';
import { CONFIDENCE, lowerLimit, upperLimit } from './metrics-share.js';
import { percent, percentUp } from './percent.js';
import type { Wish } from './wish.js';

/** Hold the counts at an operating point against the wish. INCONCLUSIVE counts as rejected. */
export function reachedAt({ tp, fp, tn, fn }: Pick<AtThreshold, 'tp' | 'fp' | 'tn' | 'fn'>, wish: Wish): Reached {
  const confidence = wish.kind === 'claim' ? wish.confidence : CONFIDENCE;
  const [defects, goods] = [tp + fn, fp + tn];
  const counts = { missed: fn, defects, rejected: fp, goods };
  const limits = {
    missLimit: upperLimit(fn, defects, confidence),
    overkillLimit: upperLimit(fp, goods, confidence),
  };
  return { confidence, ...counts, ...limits, standing: standingOf(wish, { ...counts, ...limits, confidence }) };
}

function standingOf(wish: Wish, reached: Omit<Reached, 'standing'>): Reached['standing'] {
  const { missed, defects, missLimit, rejected, goods, overkillLimit, confidence } = reached;
  switch (wish.kind) {
    case 'costs':
      return null;
    case 'claim':
      if (missLimit <= wish.missAtMost) return 'shown';
      return lowerLimit(missed, defects, confidence) > wish.missAtMost ? 'refuted' : 'open';
    case 'overkill':
      if (overkillLimit <= wish.rejectAtMost) return 'shown';
      return lowerLimit(rejected, goods, confidence) > wish.rejectAtMost ? 'refuted' : 'open';
  }
}

/** The same in plain words, as `0 of 60 defects missed, at most 4.88 % ...: the claim is not shown ...`. */
export function describeReached(reached: Reached, wish: Wish): string {
  const { missed, defects, missLimit, rejected, goods, overkillLimit, confidence } = reached;
  const misses =
    defects === 0
      ? 'no defects to tell misses'
      : `${missed} of ${defects} defects missed, at most ${percentUp(missLimit)}`;
  const overkills = `${rejected} of ${goods} good parts rejected, at most ${percentUp(overkillLimit)}`;
  const counts = `${misses}; ${overkills} (one-sided ${percent(confidence)} limits)`;
  return `${counts}${verdictIn(reached, wish)}`;
}

function verdictIn({ standing, missed, defects, rejected }: Reached, wish: Wish): string {
  switch (wish.kind) {
    case 'costs':
      return '';
    case 'claim': {
      if (standing === 'shown') return ': this shows the claim';
      if (standing === 'refuted') return ': this refutes the claim';
      const needed = defectsNeeded(wish, missed);
      if (needed === null) return ': no number of defects can show the claim';
      return `: too few defects to show or refute the claim, ${needed - defects} more without a miss would show it`;
    }
    case 'overkill': {
      if (standing === 'shown') return ': this shows the wished overkill';
      if (standing === 'refuted') return ': this refutes the wished overkill';
      const needed = defectsNeeded({ missAtMost: wish.rejectAtMost, confidence: CONFIDENCE }, rejected);
      if (needed === null) return ': no number of good parts can show the wished overkill';
      return `: it takes ${needed} good parts to show the wished overkill`;
    }
  }
}

/**
 * How firm a threshold is, in words for the run's log, the card and the report.
 * @param spread of a card's `operatingReason`
 */
export function describeSpread([low, high]: readonly [low: number, high: number]): string {
  return `Nine in ten other draws of the validation parts would set the threshold between ${low.toFixed(4)} and ${high.toFixed(4)}`;
}
