import { z } from 'zod';
import { InputError, messageOf } from './errors.js';
import { Name } from './name.js';
import { Timestamp } from './verdict.js';

const Flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')], {
  error: 'expected true or false',
});
const WHOLE = { error: 'expected a whole number from 0 on' };
/** User properties are texts. What JavaScript would make a number of besides (null, an empty text) is none. */
const Seq = z
  .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], WHOLE)
  .pipe(z.number(WHOLE).int(WHOLE).nonnegative(WHOLE));

/**
 * What a camera says about a picture: MQTT 5 user properties (all strings) or the JSON header of an envelope.
 * `frameId` and (`bootId`, `seq`) identify the frame; `bootId` here is the camera's own.
 */
export const FrameMetadata = z.object({
  frameId: Name.optional(),
  partId: Name.optional(),
  lot: Name.optional(),
  recipe: Name.optional(),
  view: Name.optional(),
  captureTs: Timestamp.optional(),
  seq: Seq.optional(),
  bootId: Name.optional(),
  simulated: Flag.default(false),
  challenge: Flag.default(false),
});
export type FrameMetadata = z.infer<typeof FrameMetadata>;

const MAGIC = Buffer.from('LSF1', 'ascii');
/** Header of an envelope at most this many bytes (line contract). */
export const MAX_HEADER_BYTES = 65_536;

/**
 * Envelope for clients without user properties: `LSF1`, uint32 big-endian header length, UTF-8 JSON header, picture.
 * @returns one buffer, the picture copied once
 */
export function packEnvelope(metadata: z.input<typeof FrameMetadata>, picture: Uint8Array): Buffer {
  const header = Buffer.from(JSON.stringify(metadata), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.byteLength);
  return Buffer.concat([MAGIC, length, header, picture]);
}

/** True when a payload announces an envelope; anything else is a bare picture. */
export function isEnvelope(payload: Uint8Array): boolean {
  return payload.byteLength >= 4 && MAGIC.equals(payload.subarray(0, 4));
}

/**
 * Split an envelope. The picture is a view on `payload`, not a copy.
 * @throws InputError FRAME_METADATA when the header is cut short, too long, not UTF-8 JSON or not ours
 */
export function unpackEnvelope(payload: Uint8Array): { metadata: FrameMetadata; picture: Uint8Array } {
  const view = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const length = view.byteLength >= 8 ? view.readUInt32BE(4) : -1;
  if (length < 0 || length > MAX_HEADER_BYTES || view.byteLength < 8 + length) {
    throw new InputError(
      'FRAME_METADATA',
      `Envelope header cannot be read: expected at most ${MAX_HEADER_BYTES} bytes inside the payload, got length ${length} in ${view.byteLength} bytes. Check the camera's envelope writer.`,
    );
  }
  return { metadata: parseHeader(view.subarray(8, 8 + length)), picture: payload.subarray(8 + length) };
}

function parseHeader(header: Buffer): FrameMetadata {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch (cause) {
    throw new InputError('FRAME_METADATA', "Envelope header is not UTF-8 JSON. Check the camera's envelope writer.", {
      cause,
    });
  }
  return parseMetadata(json);
}

/**
 * Metadata from user properties or an envelope header. Unknown names are ignored: a camera may say more than we read.
 * @throws InputError FRAME_METADATA naming every wrong field
 */
export function parseMetadata(value: unknown): FrameMetadata {
  const parsed = FrameMetadata.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError('FRAME_METADATA', `Frame metadata refused: ${messageOf(parsed.error)}.`);
}

/** A frame as the line handles it after ingest: identity settled, picture still encoded. */
export interface Frame {
  readonly frameId: string;
  /** `derived` when the camera gave none: such frames are at-least-once. */
  readonly identity: 'given' | 'derived';
  readonly camera: string;
  readonly cameraBootId: string | null;
  readonly seq: number | null;
  readonly partId: string | null;
  readonly view: string | null;
  readonly lot: string | null;
  readonly recipe: string;
  readonly captureTs: string | null;
  readonly receivedTs: string;
  /** Monotonic milliseconds (`performance.now()`) at arrival. */
  readonly receivedAt: number;
  readonly simulated: boolean;
  readonly challenge: boolean;
  readonly bytes: Uint8Array;
}
