import { z } from 'zod';

const LONGEST = 128;

/** No control characters: PostgreSQL keeps no text with a NUL, which fixed-length strings of a PLC are filled up with. */
const printable = (text: z.ZodString, longest = LONGEST): z.ZodString =>
  text
    .min(1)
    .max(longest)
    .regex(/^\P{Cc}*$/u, 'expected no control characters (NULs at the end of a fixed-length string, say)');

/** What somebody outside calls a frame, a part, a lot, a label: it ends up in records, so it is taken as it is or refused. */
export const Name = printable(z.string());

const INSPECTION = 'part-';

/** What the inspector calls an inspection of a part of several views: `part-` and the name of its first frame. */
export const InspectionName = printable(z.string(), LONGEST + INSPECTION.length);

/** @param frameId of the first frame of the part that was accepted */
export function inspectionOf(frameId: string): string {
  return `${INSPECTION}${frameId}`;
}

/** The frame that an inspection is named after. */
export function firstFrameOf(inspection: string): string {
  return inspection.slice(INSPECTION.length);
}

/** A name that a person typed. */
export const TypedName = printable(z.string().trim());

/** What a person typed in one line or several. */
export const Remark = z
  .string()
  .trim()
  .min(1)
  .max(1_000)
  .regex(/^[\P{Cc}\t\r\n]*$/u, 'expected no control characters but line breaks');
