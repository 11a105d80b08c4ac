/**
 * Monotonic ms of a time of the day, as far as that clock may be believed: it may be set back or forth meanwhile.
 * @param atMostMs never further ahead of now than this
 */
export function onOurClock(timeMs: number, atMostMs: number): number {
  return performance.now() + Math.min(timeMs - Date.now(), atMostMs);
}
