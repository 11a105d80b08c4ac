import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import type { Share } from '#contracts';

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
    low: events === 0 ? 0 : betaQuantile(TAIL, events, total - events + 1),
    high: events === total ? 1 : betaQuantile(1 - TAIL, events + 1, total - events),
  };
}
