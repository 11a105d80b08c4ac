import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import type { Share } from '#contracts';

/** Of a one-sided limit where nobody names another. */
export const CONFIDENCE = 0.95;
/** Two-sided: 2.5 % of error at each end. */
const TAIL = 0.025;

/**
 * A share with its two-sided 95 % limits after Clopper & Pearson (Biometrika 26, 1934): exact, so never too narrow,
 * also at zero events. `value` is null and the limits are 0 and 1 where nothing was counted.
 * @param events 0..total
 */
export function shareOf(events: number, total: number): Share {
  if (total === 0) return { value: null, low: 0, high: 1 };
  return {
    value: events / total,
    low: lowerLimit(events, total, 1 - TAIL),
    high: upperLimit(events, total, 1 - TAIL),
  };
}

/**
 * One-sided upper limit of a share after Clopper & Pearson: with this confidence the true share is not above it.
 * 1 where nothing was counted. @param confidence in (0, 1), as 0.95
 */
export function upperLimit(events: number, total: number, confidence: number): number {
  if (events >= total) return 1;
  if (events === 0) return -Math.expm1(Math.log1p(-confidence) / total);
  return betaQuantile(confidence, events + 1, total - events);
}

/** One-sided lower limit of a share: with this confidence the true share is not below it. 0 where nothing was counted. */
export function lowerLimit(events: number, total: number, confidence: number): number {
  return events === 0 ? 0 : betaQuantile(1 - confidence, events, total - events + 1);
}
