import { type MinuteBucket, originOf, type Verdict } from '#contracts';
import { addVerdict, emptyTally } from './tally.js';

const MINUTE_MS = 60_000;

/** Verdicts per UTC minute, camera and stream, over a sliding window; bounded by the window and by `maxBuckets`. */
export class Trend {
  private readonly buckets = new Map<string, MinuteBucket>();
  private readonly changed = new Set<string>();
  private newestMs = 0;

  constructor(private readonly limits: { minutes: number; maxBuckets: number }) {}

  /** Count by the frame's arrival. A frame older than the window is not drawn any more; the tallies still hold it. */
  add(verdict: Verdict, isFirst: boolean): void {
    const atMs = Math.floor(Date.parse(verdict.ts.received) / MINUTE_MS) * MINUTE_MS;
    if (atMs <= this.newestMs - this.limits.minutes * MINUTE_MS) return;
    const minute = new Date(atMs).toISOString();
    const origin = originOf(verdict);
    const key = `${minute} ${verdict.camera} ${origin}`;
    let bucket = this.buckets.get(key);
    if (bucket === undefined) {
      bucket = { minute, camera: verdict.camera, origin, ...emptyTally() };
      this.buckets.set(key, bucket);
      if (atMs > this.newestMs) this.newestMs = atMs;
      this.dropOld();
    }
    addVerdict(bucket, verdict, isFirst);
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

  private dropOld(): void {
    const oldestMs = this.newestMs - this.limits.minutes * MINUTE_MS;
    for (const [key, bucket] of this.buckets) {
      if (Date.parse(bucket.minute) <= oldestMs || this.buckets.size > this.limits.maxBuckets) this.buckets.delete(key);
    }
  }
}

function byMinute(a: MinuteBucket, b: MinuteBucket): number {
  return a.minute < b.minute ? -1 : a.minute > b.minute ? 1 : 0;
}
