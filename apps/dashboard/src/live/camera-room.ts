import type { CameraCondition } from './freshness.js';

/** More stand in a row no smaller than can be read. */
const MOST_COLUMNS = 8;

/**
 * Cameras side by side on a wide screen: some more than below one another from a dozen on, as cards without a picture
 * are wider than they are high.
 */
export function columnsFor(cameras: number): number {
  if (cameras <= 1) return 1;
  if (cameras <= 4) return 2;
  return Math.min(MOST_COLUMNS, Math.ceil(Math.sqrt(cameras)));
}

/** `34 more below, 2 not ready`; null where none is. */
export function sayBelow(hidden: readonly CameraCondition[]): string | null {
  if (hidden.length === 0) return null;
  const notReady = hidden.filter((condition) => condition === 'not-ready').length;
  return `${hidden.length} more below${notReady === 0 ? '' : `, ${notReady} not ready`}`;
}
