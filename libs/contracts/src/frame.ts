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

/** What a camera says of a picture, as far as it can be read; `refusal` names what cannot, null = nothing. */
export interface ReadMetadata {
  readonly metadata: FrameMetadata;
  readonly refusal: InputError | null;
}

/**
 * Split an envelope. The picture is a view on `payload`, not a copy.
 * @throws InputError FRAME_METADATA when the header is cut short, too long or not UTF-8 JSON
 */
export function unpackEnvelope(payload: Uint8Array): ReadMetadata & { readonly picture: Uint8Array } {
  const view = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const length = view.byteLength >= 8 ? view.readUInt32BE(4) : -1;
  if (length < 0 || length > MAX_HEADER_BYTES || view.byteLength < 8 + length) {
    throw new InputError(
      'FRAME_METADATA',
      `Envelope header cannot be read: expected at most ${MAX_HEADER_BYTES} bytes inside the payload, got length ${length} in ${view.byteLength} bytes. Check the camera's envelope writer.`,
    );
  }
  const header = readHeader(view.subarray(8, 8 + length));
  return { ...readMetadata(header), picture: payload.subarray(8 + length) };
}

function readHeader(header: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch (cause) {
    throw new InputError('FRAME_METADATA', "Envelope header is not UTF-8 JSON. Check the camera's envelope writer.", {
      cause,
    });
  }
}

/**
 * Metadata from user properties or an envelope header. Unknown names are ignored: a camera may say more than we read.
 * Where a field is wrong the others stand: whoever waits for the part hears of it under its name. The refusal,
 * FRAME_METADATA, names every wrong field.
 */
export function readMetadata(value: unknown): ReadMetadata {
  const parsed = FrameMetadata.safeParse(value);
  if (parsed.success) return { metadata: parsed.data, refusal: null };
  const refusal = new InputError('FRAME_METADATA', `Frame metadata refused: ${messageOf(parsed.error)}.`);
  const wrong = new Set(parsed.error.issues.map(({ path }) => path[0]));
  // A number counts within its boot: one without the other names another frame.
  if (wrong.has('bootId')) wrong.add('seq');
  const readable = Object.entries(value ?? {}).filter(([name]) => !wrong.has(name));
  return { metadata: FrameMetadata.parse(Object.fromEntries(readable)), refusal };
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
