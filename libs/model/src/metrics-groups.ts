import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import { errorFunction, quantileSorted } from 'simple-statistics';

/** A judged picture and what it belongs together with. */
export interface Grouped {
  readonly isDefect: boolean;
  /** Key of `groupOf`: windows of one part, dates of one screw; a picture that stands alone is its own. */
  readonly group: string;
}

/** What two-sided limits of 95 % leave out at each end. */
const TAIL = 0.025;

/**
 * With fewer groups of either kind a bootstrap over groups sees too little of how parts differ, and calls two equal
 * models different more often than it says (measured, docs/report.md).
 */
export const FEWEST_GROUPS = 8;

/** Groups with defects or groups with good pictures, whichever are fewer: what a ranking of the two rests on. */
export function countFewestGroups(samples: readonly Grouped[]): number {
  const of = (kind: boolean) => new Set(samples.flatMap(({ isDefect, group }) => (isDefect === kind ? [group] : [])));
  return Math.min(of(true).size, of(false).size);
}

/**
 * 95 % limits from a bootstrap that draws whole groups: percentiles, expanded for what few groups make too narrow
 * (the expanded percentile interval of Hesterberg, The American Statistician 69, 2015).
 * @param groups as {@link countFewestGroups} has them; null with fewer than {@link FEWEST_GROUPS}
 */
export function limitsOf(draws: readonly number[], groups: number): { low: number; high: number } | null {
  if (groups < FEWEST_GROUPS) return null;
  const sorted = [...draws].sort((a, b) => a - b);
  const tail = normalTail(Math.sqrt(groups / (groups - 1)) * tLimit(groups - 1));
  return { low: quantileSorted(sorted, tail), high: quantileSorted(sorted, 1 - tail) };
}

/** Quantile of Student's t at 0.975: its square is a ratio of a beta variable's parts. */
export function tLimit(degreesOfFreedom: number): number {
  const x = betaQuantile(2 * TAIL, degreesOfFreedom / 2, 0.5);
  return Math.sqrt((degreesOfFreedom * (1 - x)) / x);
}

function normalTail(z: number): number {
  return (1 - errorFunction(z / Math.SQRT2)) / 2;
}
