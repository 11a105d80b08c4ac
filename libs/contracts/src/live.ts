import { z } from 'zod';
import { CameraState } from './state.js';
import { Timestamp, Verdict } from './verdict.js';

/** A region of a picture in pixels of the upright frame. */
export const Region = z.object({
  x: z.number().int().nonnegative(),
  y: z.number().int().nonnegative(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
});
export type Region = z.infer<typeof Region>;

export const Counts = z.object({
  accepted: z.number().int(),
  pass: z.number().int(),
  fail: z.number().int(),
  inconclusive: z.number().int(),
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
  queue: z.number().int(),
  p99Ms: z.number().nullable(),
  lastInferenceTs: Timestamp.nullable(),
  roi: Region.nullable(),
  deadlineMs: z.number(),
  lastVerdict: Verdict.nullable(),
});
export type LiveCamera = z.infer<typeof LiveCamera>;

/** Verdicts counted in one minute (UTC), simulated and challenge frames apart. */
export const MinuteBucket = z.object({
  minute: Timestamp,
  camera: z.string(),
  pass: z.number().int(),
  fail: z.number().int(),
  inconclusive: z.number().int(),
});
export type MinuteBucket = z.infer<typeof MinuteBucket>;

/** First message on the socket, event `snapshot`: everything the page needs, with the sequence the deltas go on from. */
export const LiveSnapshot = z.object({
  sequence: z.number().int(),
  inspectorId: z.string(),
  bootId: z.string(),
  station: z.string(),
  now: Timestamp,
  brokerConnected: z.boolean(),
  /** True where frames come from the simulator: the page says DEMO in big letters. */
  simulated: z.boolean(),
  cameras: z.array(LiveCamera),
  recent: z.array(Verdict),
  rejects: z.array(Verdict),
  trend: z.array(MinuteBucket),
});
export type LiveSnapshot = z.infer<typeof LiveSnapshot>;

/**
 * Every later message, event `delta`: at most ten a second, numbered without holes. A page that sees a hole emits
 * `resync` and gets a new snapshot. `cameras` holds only those that changed; a delta comes at least once a second
 * (the page's stale banner appears after 3 s without one).
 */
export const LiveDelta = z.object({
  sequence: z.number().int(),
  now: Timestamp,
  brokerConnected: z.boolean(),
  cameras: z.array(LiveCamera),
  verdicts: z.array(Verdict),
});
export type LiveDelta = z.infer<typeof LiveDelta>;
