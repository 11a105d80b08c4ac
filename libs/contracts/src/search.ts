import { z } from 'zod';
import { InspectionName, Name } from './name.js';
import { PartVerdict } from './part.js';
import { Timestamp, Verdict } from './verdict.js';

/** What frames and parts are searched by. The newest come first; `from` and `before` are of `ts.decided`. */
const SEARCH = {
  partId: Name.optional(),
  lot: Name.optional(),
  /** REJECT = FAIL or INCONCLUSIVE. */
  verdict: z.enum(['PASS', 'FAIL', 'INCONCLUSIVE', 'REJECT']).optional(),
  from: Timestamp.optional(),
  before: Timestamp.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};

/** Says which of the records decided at `before` come next: it means nothing alone. */
function needsBefore(word: string) {
  return { message: `${word} says nothing without before`, path: [word] };
}

/**
 * Query of GET /api/verdicts. To page on, `before` takes the last verdict's `ts.decided` and `beforeFrame` its `frameId`:
 * several may be decided in one millisecond, and `before` alone leaves all of them out.
 */
export const VerdictQuery = z
  .strictObject({ ...SEARCH, camera: Name.optional(), beforeFrame: Name.optional() })
  .refine(({ before, beforeFrame }) => before !== undefined || beforeFrame === undefined, needsBefore('beforeFrame'));
export type VerdictQuery = z.infer<typeof VerdictQuery>;

/** Body of GET /api/verdicts: frames that the plant database holds of this inspector, newest first. */
export const VerdictPage = z.object({ verdicts: z.array(Verdict), more: z.boolean() });
export type VerdictPage = z.infer<typeof VerdictPage>;

/** Query of GET /api/parts, which pages as frames do: `beforeInspection` takes the last part's `inspection`. */
export const PartQuery = z
  .strictObject({ ...SEARCH, beforeInspection: InspectionName.optional() })
  .refine(
    ({ before, beforeInspection }) => before !== undefined || beforeInspection === undefined,
    needsBefore('beforeInspection'),
  );
export type PartQuery = z.infer<typeof PartQuery>;

/** Body of GET /api/parts: parts of several views that the plant database holds of this inspector, newest first. */
export const PartPage = z.object({ parts: z.array(PartVerdict), more: z.boolean() });
export type PartPage = z.infer<typeof PartPage>;

/** The inspection of a part of several views that a request speaks of: path of GET /api/parts/{inspection}/views. */
export const InspectionQuery = z.strictObject({ inspection: InspectionName });
export type InspectionQuery = z.infer<typeof InspectionQuery>;

/** Body of GET /api/parts/{inspection}/views: the verdicts on its frames, in the order of its views, as far as they came. */
export const PartViews = z.object({ verdicts: z.array(Verdict) });
export type PartViews = z.infer<typeof PartViews>;

/** The frame that a request speaks of: path of GET /api/frames/{frameId}/picture. */
export const FrameQuery = z.strictObject({ frameId: Name });
export type FrameQuery = z.infer<typeof FrameQuery>;
