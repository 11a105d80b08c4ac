import { z } from 'zod';
import { PersonName } from './jobs.js';
import { Name, Remark, TypedName } from './name.js';
import { Decision, Reason, Timestamp } from './verdict.js';

/** What becomes of the part. */
export const DISPOSITIONS = ['scrap', 'rework', 'use-as-is'] as const;
export const Disposition = z.enum(DISPOSITIONS);
export type Disposition = z.infer<typeof Disposition>;

/** What a person says of a part: where it goes, and what it really is where that is known. */
export const OverrideWords = z.strictObject({
  disposition: Disposition,
  /** Class of the part as the person sees it, `good` or a defect. */
  trueLabel: TypedName.nullable().default(null),
  remark: Remark.nullable().default(null),
  by: PersonName,
});
export type OverrideWords = z.infer<typeof OverrideWords>;

export const NAME_ONE = { error: 'name the frame (frameId) or the part (partId), one of the two' };
/** Exactly one of the two is given. */
export const namesOne = ({ frameId, partId }: { frameId?: string | undefined; partId?: string | undefined }): boolean =>
  (frameId === undefined) !== (partId === undefined);

/** Which record a person speaks of: a frame, or the last inspection of a part. */
export const OVERRIDE_TARGET = { frameId: Name.optional(), partId: Name.optional() };

/** Body of POST /api/overrides. */
export const OverrideRequest = OverrideWords.extend(OVERRIDE_TARGET).refine(namesOne, NAME_ONE);
export type OverrideRequest = z.infer<typeof OverrideRequest>;

/** What the machine said, as it was recorded; an override never changes it. */
export const MachineVerdict = z.object({
  verdict: Decision,
  reason: Reason,
  defectClass: z.string().nullable(),
  score: z.number().nullable(),
  /** Null where no model looked, and for parts of several views. */
  modelId: z.string().nullable(),
  decidedTs: Timestamp,
});
export type MachineVerdict = z.infer<typeof MachineVerdict>;

/**
 * `vision.override/1` on `base/{camera}/record`: a person's word beside the machine's. Never on a verdict topic: the gate
 * has acted long ago. Append-only: a later word stands beside the earlier ones, and the last one holds.
 */
export const Override = OverrideWords.extend({
  schema: z.literal('vision.override/1'),
  overrideId: z.string(),
  inspectorId: z.string(),
  bootId: z.string(),
  /** The frame spoken of; null where it is a part of several views. */
  frameId: z.string().nullable(),
  /** The inspection of the part spoken of; null where it is one frame. */
  inspection: z.string().nullable(),
  /** Every frame it speaks of. */
  frameIds: z.array(z.string()),
  camera: z.string(),
  partId: z.string().nullable(),
  lot: z.string().nullable(),
  machine: MachineVerdict,
  ts: Timestamp,
});
export type Override = z.infer<typeof Override>;

/** Body of GET /api/overrides: what people said of one frame or of its part, oldest first. */
export const OverrideList = z.object({ overrides: z.array(Override) });
export type OverrideList = z.infer<typeof OverrideList>;
