import { z } from 'zod';
import { PartVerdict, ViewPlace } from './part.js';
import { Alert, CameraState } from './state.js';
import { Timestamp, Verdict } from './verdict.js';

/** Path of the pages' socket on the inspector's HTTP port. */
export const LIVE_PATH = '/live';

/** A region of a picture in pixels of the upright frame. */
export const Region = z.object({
  x: z.number().int().nonnegative(),
  y: z.number().int().nonnegative(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
});
export type Region = z.infer<typeof Region>;

/** Whose parts a verdict speaks of. They are counted apart and never added up: `line` alone is production. */
export const Origin = z.enum(['line', 'simulated', 'challenge']);
export type Origin = z.infer<typeof Origin>;

/** Challenge before simulated: a known-bad part would bend the yield of either stream. */
export function originOf(verdict: { simulated: boolean; challenge: boolean }): Origin {
  if (verdict.challenge) return 'challenge';
  return verdict.simulated ? 'simulated' : 'line';
}

/**
 * Verdicts of one stream. Inspected = pass + fail + inconclusive; rejects = fail + inconclusive.
 * Reject rate = rejects / inspected. FPY = firstPass / first, over the first inspection of each part.
 */
export const Tally = z.object({
  pass: z.number().int(),
  fail: z.number().int(),
  inconclusive: z.number().int(),
  /** Verdicts that were the first of their part at this camera; a frame without a part id counts as one. */
  first: z.number().int(),
  /** Of those, PASS. */
  firstPass: z.number().int(),
});
export type Tally = z.infer<typeof Tally>;

/** What became of challenge parts: rejected for what they show, let through by the model, or not looked at properly. */
export const ChallengeTally = z.object({ caught: z.number().int(), missed: z.number().int(), void: z.number().int() });
export type ChallengeTally = z.infer<typeof ChallengeTally>;

/** What the road counts besides verdicts, since the inspector started. `gaps`: frames missing in the camera's `seq`. */
export const Counts = z.object({
  accepted: z.number().int(),
  duplicates: z.number().int(),
  gaps: z.number().int(),
  late: z.number().int(),
});
export type Counts = z.infer<typeof Counts>;

/** One camera as the page shows it. `lastInferenceTs` is the last *real* inference: the page never shows green without it. */
export const LiveCamera = z.object({
  camera: z.string(),
  state: CameraState,
  counts: Counts,
  tallies: z.record(Origin, Tally),
  /** A published word does not tell: one that was let through is INCONCLUSIVE on a line. */
  challenges: ChallengeTally,
  queue: z.number().int(),
  p99Ms: z.number().nullable(),
  lastInferenceTs: Timestamp.nullable(),
  roi: Region.nullable(),
  deadlineMs: z.number(),
  lastVerdict: Verdict.nullable(),
  /** Frame whose picture GET /api/frames/{id}/picture has now; null when the last frame's bytes were not kept. */
  pictureFrameId: z.string().nullable(),
});
export type LiveCamera = z.infer<typeof LiveCamera>;

/**
 * Parts of several views, where the gate acts on those: one verdict each, counted apart from the frames of their views.
 * Which inspection of a part is its first is told over the whole station.
 */
export const LiveParts = z.object({
  /** Of every part, in the order of the configuration. A camera that has none of them is of no part. */
  views: z.array(ViewPlace),
  tallies: z.record(Origin, Tally),
  /** Of the inconclusive ones, those whose reason is MISSING_VIEW. */
  missingView: z.record(Origin, z.number().int()),
  /** Newest last, as are `rejects`. In a snapshot the last ones, in a delta those since the delta before. */
  recent: z.array(PartVerdict),
  rejects: z.array(PartVerdict),
});
export type LiveParts = z.infer<typeof LiveParts>;

/**
 * Verdicts of one stream in one UTC minute: of a camera's frames by their arrival, or of parts of several views (`camera`
 * is null) by the arrival of their first view.
 */
export const MinuteBucket = Tally.extend({ minute: Timestamp, camera: z.string().nullable(), origin: Origin });
export type MinuteBucket = z.infer<typeof MinuteBucket>;

/** First message on the socket, event `snapshot`: everything the page needs, with the sequence the deltas go on from. */
export const LiveSnapshot = z.object({
  schema: z.literal('lineside.live/1'),
  sequence: z.number().int(),
  inspectorId: z.string(),
  bootId: z.string(),
  station: z.string(),
  /** Since when counts count. */
  startedTs: Timestamp,
  now: Timestamp,
  brokerConnected: z.boolean(),
  /** True where frames come from the simulator: the page says SIMULATED in big letters. */
  simulated: z.boolean(),
  /** True where the inspector only looks on: no gate hears its verdicts, and the page says so. */
  shadow: z.boolean(),
  cameras: z.array(LiveCamera),
  /** Null where the gate acts on the cameras' own verdicts. */
  parts: LiveParts.nullable(),
  /** Newest last, as are `rejects` and `trend`. */
  recent: z.array(Verdict),
  rejects: z.array(Verdict),
  trend: z.array(MinuteBucket),
  /** Those that are on, and those that ended before anybody saw them (`active: false`), in the order in which they came. */
  alerts: z.array(Alert),
});
export type LiveSnapshot = z.infer<typeof LiveSnapshot>;

/**
 * Every later message, event `delta`: at most ten a second, numbered without holes. A page that sees a hole emits
 * `resync` and gets a new snapshot. `cameras`, `parts` and `trend` hold what changed, as absolute values; a delta comes at
 * least once a second (the page's stale banner appears after 3 s without one).
 */
export const LiveDelta = z.object({
  sequence: z.number().int(),
  now: Timestamp,
  brokerConnected: z.boolean(),
  cameras: z.array(LiveCamera),
  /** Null when nothing changed. */
  parts: LiveParts.nullable(),
  trend: z.array(MinuteBucket),
  /** Newest last; under overload the oldest are left out and only counted: figures stay exact, lists are samples. */
  verdicts: z.array(Verdict),
  omitted: z.number().int(),
  /** All of them, as in the snapshot; null when nothing changed. */
  alerts: z.array(Alert).nullable(),
});
export type LiveDelta = z.infer<typeof LiveDelta>;
