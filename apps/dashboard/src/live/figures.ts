import type { ChallengeTally, LiveCamera, LiveParts, MinuteBucket, Origin, Tally } from '#contracts';

const MINUTE_MS = 60_000;

/**
 * What the page counts: frames; where parts have several views the parts themselves, and of one camera its views, or its
 * frames that are of no part.
 */
export type Counted = 'frames' | 'parts' | 'views' | 'strays';

/** @param parts null where the gate acts on the cameras' own verdicts; @param camera the one chosen, null = all */
export function countedOf(parts: Pick<LiveParts, 'views'> | null, camera: string | null): Counted {
  if (parts === null) return 'frames';
  if (camera === null) return 'parts';
  return hasView(parts, camera) ? 'views' : 'strays';
}

/** Whether a camera takes a view of the station's parts. */
export function hasView({ views }: Pick<LiveParts, 'views'>, camera: string): boolean {
  return views.some((view) => view.camera === camera);
}

/** Verdicts of one stream over what is counted. Rates are null without a denominator: no data is never 100 %. */
export interface Figures extends Tally {
  /** pass + fail + inconclusive. */
  readonly inspected: number;
  /** fail + inconclusive. */
  readonly rejects: number;
  /** rejects / inspected. */
  readonly rejectRate: number | null;
  /** First-pass yield: firstPass / first, over the first inspection of each part. */
  readonly firstPassYield: number | null;
}

export function sumFigures(tallies: readonly Tally[]): Figures {
  const sum = { pass: 0, fail: 0, inconclusive: 0, first: 0, firstPass: 0 };
  for (const tally of tallies) {
    sum.pass += tally.pass;
    sum.fail += tally.fail;
    sum.inconclusive += tally.inconclusive;
    sum.first += tally.first;
    sum.firstPass += tally.firstPass;
  }
  const inspected = sum.pass + sum.fail + sum.inconclusive;
  const rejects = sum.fail + sum.inconclusive;
  return {
    ...sum,
    inspected,
    rejects,
    rejectRate: inspected === 0 ? null : rejects / inspected,
    firstPassYield: sum.first === 0 ? null : sum.firstPass / sum.first,
  };
}

/** Figures of these, cameras or parts; `origin` null = none is known yet: nothing is counted. */
export function figuresOf(
  counted: readonly { readonly tallies: Readonly<Record<Origin, Tally>> }[],
  origin: Origin | null,
): Figures {
  return sumFigures(origin === null ? [] : counted.map(({ tallies }) => tallies[origin]));
}

/** What became of challenge parts at the cameras shown. */
export function challengesOf(cameras: readonly Pick<LiveCamera, 'challenges'>[]): ChallengeTally {
  const sum = { caught: 0, missed: 0, void: 0 };
  for (const { challenges } of cameras) {
    sum.caught += challenges.caught;
    sum.missed += challenges.missed;
    sum.void += challenges.void;
  }
  return sum;
}

/** Columns of equal length, one row a minute without holes; null where nothing was inspected. Shares are 0..1. */
export interface TrendColumns {
  /** Unix seconds of the minute's start. */
  readonly seconds: number[];
  readonly inspected: number[];
  readonly rejectRate: (number | null)[];
  readonly firstPassYield: (number | null)[];
  /** p-chart: mean +- 3 sqrt(mean (1 - mean) / n), n = inspected in that minute, clipped to 0..1; the same whatever window is drawn. */
  readonly lowerLimit: (number | null)[];
  readonly upperLimit: (number | null)[];
  /** Rejects / inspected over all minutes kept, not only those drawn; null when nothing was inspected. */
  readonly mean: number | null;
}

/**
 * The last `minutes` finished minutes before `nowMs`, starting no earlier than the first that has data. The minute that
 * still runs has few parts and says nothing yet: it is there only while it is the first one.
 */
export function trendColumns(
  buckets: Iterable<MinuteBucket>,
  options: { counted: Counted; camera: string | null; origin: Origin | null; minutes: number; nowMs: number },
): TrendColumns {
  const runningMs = Math.floor(options.nowMs / MINUTE_MS) * MINUTE_MS;
  const byMinute = new Map<number, Tally[]>();
  for (const bucket of buckets) {
    if (bucket.origin !== options.origin || !isCounted(bucket, options)) continue;
    const minuteMs = Date.parse(bucket.minute);
    if (minuteMs > runningMs) continue;
    byMinute.set(minuteMs, [...(byMinute.get(minuteMs) ?? []), bucket]);
  }
  const drawnMs = runningMs - options.minutes * MINUTE_MS;
  const firstMs = Math.min(runningMs, ...[...byMinute.keys()].filter((minuteMs) => minuteMs >= drawnMs));
  const finished = [...byMinute].filter(([minuteMs]) => minuteMs < runningMs).flatMap(([, tallies]) => tallies);
  const mean = sumFigures(finished.length > 0 ? finished : [...byMinute.values()].flat()).rejectRate;
  if (firstMs < runningMs) byMinute.delete(runningMs);
  const rows: { minuteMs: number; figures: Figures }[] = [];
  for (let minuteMs = firstMs; minuteMs < runningMs || minuteMs === firstMs; minuteMs += MINUTE_MS) {
    rows.push({ minuteMs, figures: sumFigures(byMinute.get(minuteMs) ?? []) });
  }
  const limits = rows.map(({ figures }) => controlLimits(mean, figures.inspected));
  return {
    seconds: rows.map(({ minuteMs }) => minuteMs / 1_000),
    inspected: rows.map(({ figures }) => figures.inspected),
    rejectRate: rows.map(({ figures }) => figures.rejectRate),
    firstPassYield: rows.map(({ figures }) => figures.firstPassYield),
    lowerLimit: limits.map((limit) => limit?.lower ?? null),
    upperLimit: limits.map((limit) => limit?.upper ?? null),
    mean,
  };
}

function isCounted(bucket: MinuteBucket, { counted, camera }: { counted: Counted; camera: string | null }): boolean {
  if (counted === 'parts' || bucket.camera === null) return counted === 'parts' && bucket.camera === null;
  return camera === null || bucket.camera === camera;
}

function controlLimits(mean: number | null, n: number): { lower: number; upper: number } | null {
  if (mean === null || n === 0) return null;
  const spread = 3 * Math.sqrt((mean * (1 - mean)) / n);
  return { lower: Math.max(0, mean - spread), upper: Math.min(1, mean + spread) };
}
