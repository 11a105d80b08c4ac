import { z } from 'zod';
import { Decision, Reason, Timestamp } from './verdict.js';

/** One configured view of the station's parts, and the camera that takes it. */
export const ViewPlace = z.object({ view: z.string(), camera: z.string() });
export type ViewPlace = z.infer<typeof ViewPlace>;

/** What one view said of the part; nulls where the view is missing. */
export const PartView = ViewPlace.extend({
  frameId: z.string().nullable(),
  verdict: Decision.nullable(),
  reason: Reason.nullable(),
});
export type PartView = z.infer<typeof PartView>;

/** `base/part/verdict`: the worst of a part's configured views. Where a station has several views the gate acts on this. */
export const PartVerdict = z.object({
  schema: z.literal('vision.part/1'),
  /** Names this inspection: a part that comes again is inspected again. */
  inspection: z.string(),
  partId: z.string(),
  lot: z.string().nullable(),
  bootId: z.string(),
  /** PASS only if every configured view passed inside the window. */
  verdict: Decision,
  /** Of the worst view; where none failed MISSING_VIEW if one did not come, LATE if one that came had no verdict in time, RECIPES_DIFFER if all passed, but not by recipes of one product. */
  reason: Reason,
  defectClass: z.string().nullable(),
  /** Highest score of the views; null when no model looked at any. */
  score: z.number().min(0).max(1).nullable(),
  /** In the order of the configuration. */
  views: z.array(PartView),
  ts: z.object({ first: Timestamp, decided: Timestamp }),
  validUntil: Timestamp,
  deadlineMs: z.number().positive(),
  late: z.boolean(),
  simulated: z.boolean(),
  challenge: z.boolean(),
  historical: z.boolean(),
  recorded: z.boolean(),
});
export type PartVerdict = z.infer<typeof PartVerdict>;
