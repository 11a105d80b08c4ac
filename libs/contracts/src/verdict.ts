import { z } from 'zod';
import { Place } from './runtime.js';

/** PASS is an explicit word, never the absence of FAIL. INCONCLUSIVE counts as reject at the gate. */
export const Decision = z.enum(['PASS', 'FAIL', 'INCONCLUSIVE']);
export type Decision = z.infer<typeof Decision>;

/** Why a verdict is what it is. MODEL: the score alone decided; everything else makes a frame INCONCLUSIVE. */
export const Reason = z.enum([
  'MODEL',
  'GREY_ZONE',
  'UNFAMILIAR',
  'IMAGE_BLUR',
  'IMAGE_EXPOSURE',
  'IMAGE_SIZE',
  'FRAME_DUPLICATE',
  'FRAME_DECODE',
  'FRAME_METADATA',
  'FRAME_TOO_LARGE',
  'MISSING_VIEW',
  'RECIPES_DIFFER',
  'NO_RECIPE',
  'MODEL_NOT_READY',
  'CHALLENGE',
  'OVERLOAD',
  'LATE',
  'CLOCK',
  'INTERRUPTED',
  'INTERNAL',
]);
export type Reason = z.infer<typeof Reason>;

/** RFC 3339, UTC, milliseconds. */
export const Timestamp = z.iso.datetime({ precision: 3 });

/** How far a camera's own clock may be believed: `ok` in bounds, `off` out of bounds, `none` not configured. */
export const ClockSync = z.enum(['ok', 'off', 'none']);
export type ClockSync = z.infer<typeof ClockSync>;

/** Milliseconds on a monotonic clock spent at each station of the frame's road. */
export const StationLatency = z.object({
  accept: z.number().nonnegative(),
  queue: z.number().nonnegative(),
  decode: z.number().nonnegative(),
  infer: z.number().nonnegative(),
  record: z.number().nonnegative(),
});
export type StationLatency = z.infer<typeof StationLatency>;

/** `vision.verdict/1`: the one message a gate acts on, and the record a historian keeps. */
export const Verdict = z.object({
  schema: z.literal('vision.verdict/1'),
  frameId: z.string(),
  identity: z.enum(['given', 'derived']),
  camera: z.string(),
  bootId: z.string(),
  seq: z.number().int().nonnegative().nullable(),
  partId: z.string().nullable(),
  view: z.string().nullable(),
  lot: z.string().nullable(),
  recipe: z.string(),
  verdict: Decision,
  reason: Reason,
  defectClass: z.string().nullable(),
  /** 1 - P(good), higher = worse; null when no model looked at the frame. */
  score: z.number().min(0).max(1).nullable(),
  scores: z.record(z.string(), z.number()).nullable(),
  threshold: z.number().nullable(),
  /** How unlike training the frame is, and the most that is judged; absent where the model has no guard. */
  novelty: z.object({ distance: z.number(), limit: z.number() }).optional(),
  greyZone: z.tuple([z.number(), z.number()]).nullable(),
  /** Runtime and precision are absent in records of versions that had one of each. */
  model: z.object({ id: z.string(), cardSha256: z.string(), ...Place.partial().shape }).nullable(),
  ts: z.object({ capture: Timestamp.nullable(), received: Timestamp, decided: Timestamp }),
  validUntil: Timestamp,
  clockSync: ClockSync,
  latencyMs: StationLatency,
  deadlineMs: z.number().positive(),
  late: z.boolean(),
  simulated: z.boolean(),
  challenge: z.boolean(),
  historical: z.boolean(),
  recorded: z.boolean(),
});
export type Verdict = z.infer<typeof Verdict>;
