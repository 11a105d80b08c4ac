import type { OperatingPoint } from './card.js';
import { type ScoredSample, sortedByScore } from './metrics-ranking.js';

/** For how many pictures of the line one validation picture stands; 1 and 1 where the line is like validation. */
export interface Importance {
  readonly defect: number;
  readonly good: number;
}

interface ZoneOptions {
  readonly importance: Importance;
  /** Expected pictures in the zone, at most; in the unit of the importance. */
  readonly capacity: number;
}

/** The zone that holds the pictures next to the threshold, half of the capacity below it and half above. */
export function zoneAround(
  threshold: number,
  samples: readonly ScoredSample[],
  { importance, capacity }: ZoneOptions,
): OperatingPoint['greyZone'] {
  const below = sortedByScore(samples)
    .filter(({ score }) => score < threshold)
    .reverse();
  const inBelow = wholeGroups(below, { importance, capacity: capacity / 2 });
  const lowest = below[inBelow - 1]?.score;
  const low = lowest === undefined ? threshold : between(below[inBelow]?.score ?? 0, lowest);
  return [low, zoneAbove(threshold, samples, { importance, capacity: capacity / 2 })[1]];
}

/** The zone that begins at the threshold, so that what passes stays as it is and a person sees some of the rejects. */
export function zoneAbove(
  threshold: number,
  samples: readonly ScoredSample[],
  options: ZoneOptions,
): OperatingPoint['greyZone'] {
  const above = sortedByScore(samples).filter(({ score }) => score >= threshold);
  const inAbove = wholeGroups(above, options);
  const highest = above[inAbove - 1]?.score;
  return [threshold, highest === undefined ? threshold : Math.min(1, between(highest, above[inAbove]?.score ?? 1))];
}

/** How many of the first samples fit into the capacity without taking only a part of equal scores. */
function wholeGroups(samples: readonly ScoredSample[], { importance, capacity }: ZoneOptions): number {
  let [taken, load] = [0, 0];
  for (const [i, { score, isDefect }] of samples.entries()) {
    load += isDefect ? importance.defect : importance.good;
    // 0.01 of 100 pictures is one, whatever the sum of their weights rounds to.
    if (load > capacity + 1e-9) break;
    if (samples[i + 1]?.score !== score) taken = i + 1;
  }
  return taken;
}

/**
 * A number between two scores, above the lower one even where no number lies between them.
 * @param share of the way from the lower to the higher one, above 0; the middle by default
 */
export function between(low: number, high: number, share = 1 / 2): number {
  const found = low * (1 - share) + high * share;
  return found > low && found < high ? found : high;
}
