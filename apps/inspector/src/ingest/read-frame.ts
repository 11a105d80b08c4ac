import { createHash } from 'node:crypto';
import { ulid } from 'ulid';
import { type Frame, InputError, isEnvelope, type ReadMetadata, readMetadata, unpackEnvelope } from '#contracts';

/** A publish on a camera's frame topic, as it came. */
export interface Message {
  readonly camera: string;
  readonly payload: Uint8Array;
  /** MQTT 5 user properties; null where the client has none. */
  readonly userProperties: Readonly<Record<string, unknown>> | null;
  readonly receivedAt: number;
  readonly receivedTs: string;
  /** Delivered again after a broken connection: nobody knows how long it waited, so its window is over. */
  readonly isStale: boolean;
}

export interface IngestRules {
  /** Recipe of each camera where a frame names none. */
  readonly recipeOf: ReadonlyMap<string, string>;
  readonly maxFrameBytes: number;
}

/** A frame is made of every message: what cannot be inspected is accepted too, with the reason it will be refused for. */
export interface Reading {
  readonly frame: Frame;
  readonly refusal: InputError | null;
}

/**
 * Topic, user properties or envelope, and bytes become a frame. A frame without an id gets a derived one: content hash
 * and arrival, so that two equal pictures stay two frames. One that is refused keeps what can be read of its metadata.
 */
export function readFrame(message: Message, rules: IngestRules): Reading {
  const { payload, camera } = message;
  const said = readPublish(message);
  if (payload.byteLength <= rules.maxFrameBytes) return makeReading(message, rules, said);
  const refusal = new InputError(
    'FRAME_TOO_LARGE',
    `Frame of ${camera} has ${payload.byteLength} bytes; at most ${rules.maxFrameBytes} are taken. Raise queue.maxFrameBytes or lower the camera's quality.`,
  );
  return makeReading(message, rules, { ...said, picture: new Uint8Array(0), refusal });
}

/** The same frame under a name of its own, for one that came under another frame's id. */
export function renameFrame(frame: Frame): Frame {
  return { ...frame, frameId: deriveId(frame.bytes, frame.receivedTs), identity: 'derived', seq: null };
}

/** A frame under an id or a number that another frame has. */
export function conflictOf({ frameId, seq, cameraBootId }: Frame): InputError {
  const boot = cameraBootId === null ? '' : ` of boot ${cameraBootId}`;
  const number = seq === null ? '' : `, or its number ${seq}${boot},`;
  return new InputError(
    'FRAME_METADATA',
    `frameId ${frameId}${number} belongs to another frame. Expected an id of its own for every frame, and another bootId with every start of the camera.`,
  );
}

type Said = ReadMetadata & { readonly picture: Uint8Array };

function readPublish({ payload, userProperties }: Message): Said {
  if (!isEnvelope(payload)) return { ...readMetadata(userProperties ?? {}), picture: payload };
  try {
    return unpackEnvelope(payload);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ...readMetadata({}), picture: payload, refusal: error };
  }
}

function makeReading(
  { camera, receivedAt, receivedTs }: Message,
  { recipeOf }: IngestRules,
  { metadata, picture, refusal }: Said,
): Reading {
  const frame: Frame = {
    frameId: metadata.frameId ?? deriveId(picture, receivedTs),
    identity: metadata.frameId === undefined ? 'derived' : 'given',
    camera,
    cameraBootId: metadata.bootId ?? null,
    seq: metadata.seq ?? null,
    partId: metadata.partId ?? null,
    view: metadata.view ?? null,
    lot: metadata.lot ?? null,
    recipe: metadata.recipe ?? recipeOf.get(camera) ?? 'unknown',
    captureTs: metadata.captureTs ?? null,
    receivedTs,
    receivedAt,
    simulated: metadata.simulated,
    challenge: metadata.challenge,
    bytes: picture,
  };
  return { frame, refusal };
}

function deriveId(picture: Uint8Array, receivedTs: string): string {
  const content = createHash('sha256').update(picture).digest('hex').slice(0, 16);
  return `derived-${content}-${ulid(Date.parse(receivedTs))}`;
}
