import { RefusedError } from '#contracts';
import type { OperatingPoint } from './card.js';
import { missesAllowed, refuseClaim } from './claim.js';
import { between, type Importance, zoneAbove, zoneAround } from './grey-zone.js';
import { type ClassSizes, cutsOf, type ScoredSample } from './metrics-ranking.js';
import { type Aim, describeWish } from './wish.js';

/** One threshold that can be had, and what it gets wrong. It lies between two scores. */
interface Choice {
  readonly threshold: number;
  readonly missed: number;
  readonly rejected: number;
}

/**
 * Choose threshold and grey zone on validation pictures.
 *
 * Costs: the threshold of least expected cost, among equals the lowest, because it lets fewer defects pass; it divides
 * the gap between two scores as the costs are to each other, and the grey zone lies around it. A claim: among the
 * thresholds that keep it, the least overkill, then the fewest misses. A fixed overkill: the fewest misses within it.
 * These two are promises on what passes, so their threshold stands in the middle of its gap and their grey zone begins
 * there. INCONCLUSIVE counts as rejected in all of them; a picture that the guard does not know is so at every
 * threshold, and in no grey zone.
 * @throws RefusedError NO_THRESHOLD when there are no defects or no goods: then no threshold has a reason
 * @throws RefusedError CLAIM_SAMPLE when there are too few defects for the claim; OVERKILL_UNREACHABLE
 */
export function chooseOperatingPoint(samples: readonly ScoredSample[], aim: Aim): OperatingPoint {
  const sizes = countKinds(samples);
  const importance = importanceOf(sizes, aim.defectRate);
  const zone = { importance, capacity: (aim.reviewPerThousand / 1000) * samples.length };
  const familiar = samples.filter(({ isUnfamiliar }) => !isUnfamiliar);
  const choices = choicesOf(familiar, sizes, standOf(aim.wish));
  const { threshold } = pick(choices, { aim, sizes, importance });
  const greyZone = (aim.wish.kind === 'costs' ? zoneAround : zoneAbove)(threshold, familiar, zone);
  return { threshold, greyZone };
}

function countKinds(samples: readonly ScoredSample[]): ClassSizes {
  const defects = samples.filter(({ isDefect }) => isDefect).length;
  const goods = samples.length - defects;
  if (defects > 0 && goods > 0) return { defects, goods };
  throw new RefusedError(
    'NO_THRESHOLD',
    `No threshold can be chosen: validation holds ${defects} defects and ${goods} good pictures, and each kind is needed. Add pictures of the missing kind.`,
  );
}

function importanceOf({ defects, goods }: ClassSizes, defectRate: number | null): Importance {
  if (defectRate === null) return { defect: 1, good: 1 };
  const all = defects + goods;
  return { defect: (defectRate * all) / defects, good: ((1 - defectRate) * all) / goods };
}

/**
 * Where in the gap between two scores a threshold stands, 0 at the lower one. No picture of validation tells: the dearer
 * an escape, the nearer to the good ones (docs/operating-point.md).
 */
function standOf(wish: Aim['wish']): number {
  return wish.kind === 'costs' ? wish.overkillCost / (wish.overkillCost + wish.escapeCost) : 1 / 2;
}

/** From the highest threshold, which rejects least, to the lowest. @param sizes of familiar and unfamiliar pictures */
function choicesOf(familiar: readonly ScoredSample[], sizes: ClassSizes, stand: number): Choice[] {
  const defects = familiar.filter(({ isDefect }) => isDefect).length;
  const barred = sizes.goods - (familiar.length - defects);
  const cuts = cutsOf(familiar);
  const highest = cuts[0]?.score ?? 0;
  // A threshold cannot stand above a score of 1, so there "reject nothing" does not exist.
  const nothing = highest < 1 ? [{ threshold: between(highest, 1, stand), missed: defects, rejected: barred }] : [];
  const some = cuts.map(({ score, tp, fp }, i) => ({
    threshold: between(cuts[i + 1]?.score ?? 0, score, stand),
    missed: defects - tp,
    rejected: barred + fp,
  }));
  return [...nothing, ...some];
}

function pick(
  choices: readonly Choice[],
  { aim, sizes, importance }: { aim: Aim; sizes: ClassSizes; importance: Importance },
): Choice {
  const { wish } = aim;
  switch (wish.kind) {
    case 'costs': {
      const escapeCost = wish.escapeCost * importance.defect;
      const overkillCost = wish.overkillCost * importance.good;
      return cheapest(choices, ({ missed, rejected }) => missed * escapeCost + rejected * overkillCost);
    }
    case 'claim': {
      refuseClaim(wish, sizes.defects);
      const allowed = missesAllowed(wish, sizes.defects) ?? 0;
      const kept = choices.filter(({ missed }) => missed <= allowed);
      return cheapest(kept, ({ rejected }) => rejected);
    }
    case 'overkill': {
      const kept = choices.filter(({ rejected }) => rejected <= wish.rejectAtMost * sizes.goods + 1e-9);
      if (kept.length > 0) return cheapest([...kept].reverse(), ({ missed }) => missed);
      const { rejected: fewest } = cheapest(choices, ({ rejected }) => rejected);
      throw new RefusedError(
        'OVERKILL_UNREACHABLE',
        `No threshold keeps the wish "${describeWish(aim)}": ${fewest} of ${sizes.goods} good validation pictures have the highest score there is or are unfamiliar to the guard. Allow more overkill or a smaller guard.falseAlarm, or look whether they are labelled right.`,
      );
    }
  }
}

/** The last of those with the least cost. */
function cheapest(choices: readonly Choice[], costOf: (choice: Choice) => number): Choice {
  return choices.reduce((best, choice) => (costOf(choice) <= costOf(best) ? choice : best));
}
