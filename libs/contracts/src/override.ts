import { z } from 'zod';
import { PersonName } from './jobs.js';
import { InspectionName, Name, Remark, TypedName } from './name.js';
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

/** Which record a person speaks of: a frame, one inspection of a part of several views, or a part's last one. */
export const OVERRIDE_TARGET = {
  frameId: Name.optional(),
  inspection: InspectionName.optional(),
  partId: Name.optional(),
};
type OverrideTarget = { readonly [word in keyof typeof OVERRIDE_TARGET]?: string | undefined };

export const NAME_ONE = { error: 'name the frame (frameId), the inspection or the part (partId), one of the three' };
export const namesOne = ({ frameId, inspection, partId }: OverrideTarget): boolean =>
  [frameId, inspection, partId].filter((name) => name !== undefined).length === 1;

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

/** Query of GET /api/overrides: a frame, or an inspection of a part of several views. */
export const OverrideQuery = z
  .strictObject({ frameId: Name.optional(), inspection: InspectionName.optional() })
  .refine(namesOne, { error: 'name the frame (frameId) or the inspection, one of the two' });
export type OverrideQuery = z.infer<typeof OverrideQuery>;

/** Body of GET /api/overrides: what people said of a frame or of its part, or of a part or its frames; oldest first. */
export const OverrideList = z.object({ overrides: z.array(Override) });
export type OverrideList = z.infer<typeof OverrideList>;
