import { type MinuteBucket, originOf, type Verdict } from '#contracts';
import { addVerdict, emptyTally } from './tally.js';

const MINUTE_MS = 60_000;

/** What is counted by the minute: a frame, or a part of several views, which has no camera. */
export interface Inspected extends Pick<Verdict, 'verdict' | 'simulated' | 'challenge'> {
  readonly camera: string | null;
  readonly ts: Pick<Verdict['ts'], 'received' | 'decided'>;
}

/**
 * Verdicts per UTC minute, camera and stream, over the window before and after the last decision: a clock that was put
 * right leaves no minute behind that is further off. Bounded by the window and by `maxBuckets`.
 */
export class Trend {
  private readonly buckets = new Map<string, MinuteBucket>();
  private readonly changed = new Set<string>();

  constructor(private readonly limits: { minutes: number; maxBuckets: number }) {}

  /** Count by the arrival. What lies outside the window is not drawn; the tallies still hold it. */
  add(inspected: Inspected, isFirst: boolean): void {
    const { camera, ts } = inspected;
    const atMs = minuteOf(ts.received);
    const nowMs = minuteOf(ts.decided);
    if (!this.isInWindow(atMs, nowMs)) return;
    const minute = new Date(atMs).toISOString();
    const origin = originOf(inspected);
    const key = `${minute} ${camera ?? ''} ${origin}`;
    let bucket = this.buckets.get(key);
    if (bucket === undefined) {
      bucket = { minute, camera, origin, ...emptyTally() };
      this.buckets.set(key, bucket);
      this.dropOutside(nowMs);
    }
    addVerdict(bucket, inspected, isFirst);
    this.changed.add(key);
  }

  /** Every bucket of the window, oldest minute first. */
  all(): MinuteBucket[] {
    return [...this.buckets.values()].sort(byMinute).map((bucket) => ({ ...bucket }));
  }

  /** Buckets changed since the last call. */
  takeChanged(): MinuteBucket[] {
    const taken: MinuteBucket[] = [];
    for (const key of this.changed) {
      const bucket = this.buckets.get(key);
      if (bucket !== undefined) taken.push({ ...bucket });
    }
    this.changed.clear();
    return taken.sort(byMinute);
  }

  private dropOutside(nowMs: number): void {
    for (const [key, { minute }] of this.buckets) {
      const isFull = this.buckets.size > this.limits.maxBuckets;
      if (isFull || !this.isInWindow(Date.parse(minute), nowMs)) this.buckets.delete(key);
    }
  }

  private isInWindow(minuteMs: number, nowMs: number): boolean {
    return Math.abs(nowMs - minuteMs) < this.limits.minutes * MINUTE_MS;
  }
}

function minuteOf(ts: string): number {
  return Math.floor(Date.parse(ts) / MINUTE_MS) * MINUTE_MS;
}

function byMinute(a: MinuteBucket, b: MinuteBucket): number {
  return a.minute < b.minute ? -1 : a.minute > b.minute ? 1 : 0;
}
