import type { Decision } from '#contracts';
import type { OperatingPoint } from './card.js';
import { countClasses, cutsOf, type ScoredSample, sortedByScore } from './metrics-ranking.js';

/**
 * PASS below the grey zone, FAIL above it, INCONCLUSIVE from its lower edge up to but not including its upper edge.
 * An empty zone (both edges at the threshold) leaves the threshold alone: score >= threshold is FAIL. A score that is
 * no number is never PASS.
 */
export function verdictOf(score: number, { greyZone: [low, high] }: OperatingPoint): Decision {
  if (score < low) return 'PASS';
  return score >= high ? 'FAIL' : 'INCONCLUSIVE';
}

export interface OperatingCosts {
  /** What one passed defect costs, in any unit. */
  readonly escapeCost: number;
  /** What one rejected good part costs, in the same unit. */
  readonly overkillCost: number;
  /** At most this share of the pictures falls into the grey zone; 0 = no grey zone. */
  readonly greyShare: number;
}

/**
 * Choose threshold and grey zone on validation pictures. The threshold has the least cost of escapes and overkills
 * there; among equals the lowest, because it lets fewer defects pass. It lies in the middle between two scores, so
 * that neither sits on the edge. The grey zone holds the pictures next to the threshold, as many below as above.
 * @throws InputError ONE_CLASS when there are no defects or no goods: then no threshold has a reason
 */
export function chooseOperatingPoint(samples: readonly ScoredSample[], costs: OperatingCosts): OperatingPoint {
  countClasses(samples);
  const threshold = cheapestThreshold(samples, costs);
  return { threshold, greyZone: greyZoneAround(threshold, samples, costs.greyShare) };
}

function cheapestThreshold(samples: readonly ScoredSample[], { escapeCost, overkillCost }: OperatingCosts): number {
  const { defects } = countClasses(samples);
  const cuts = cutsOf(samples);
  const highest = cuts[0]?.score ?? 1;
  let best = { cost: defects * escapeCost, threshold: (highest + 1) / 2 };
  // A threshold cannot stand above a score of 1, so there "reject nothing" does not exist.
  if (highest >= 1) best = { cost: Number.POSITIVE_INFINITY, threshold: 1 };
  for (const [i, { score, tp, fp }] of cuts.entries()) {
    const cost = (defects - tp) * escapeCost + fp * overkillCost;
    if (cost <= best.cost) best = { cost, threshold: between(cuts[i + 1]?.score ?? 0, score) };
  }
  return best.threshold;
}

function greyZoneAround(threshold: number, samples: readonly ScoredSample[], share: number): [number, number] {
  const perSide = Math.floor((share * samples.length) / 2);
  const scores = sortedByScore(samples).map(({ score }) => score);
  const below = scores.filter((score) => score < threshold).reverse();
  const above = scores.filter((score) => score >= threshold);
  const inBelow = wholeGroups(below, perSide);
  const inAbove = wholeGroups(above, perSide);
  const [lowest, highest] = [below[inBelow - 1], above[inAbove - 1]];
  return [
    lowest === undefined ? threshold : between(below[inBelow] ?? 0, lowest),
    highest === undefined ? threshold : Math.min(1, between(highest, above[inAbove] ?? 1)),
  ];
}

/** How many of the first `count` scores can be taken without taking only a part of equal ones. */
function wholeGroups(scores: readonly number[], count: number): number {
  let taken = Math.min(count, scores.length);
  while (taken > 0 && scores[taken] === scores[taken - 1]) taken--;
  return taken;
}

/** Middle of two scores, above the lower one even where no number lies between them. */
function between(low: number, high: number): number {
  const middle = (low + high) / 2;
  return middle > low ? middle : high;
}
