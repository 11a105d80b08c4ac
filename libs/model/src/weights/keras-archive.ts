import { type UnzipFileInfo, unzipSync } from 'fflate';
import { InputError, messageOf } from '#contracts';

/** What a `.keras` file holds for us. */
export interface KerasArchive {
  /** The model's `config.json`, parsed. */
  readonly config: unknown;
  /** `model.weights.h5`. */
  readonly weights: Uint8Array;
}

const CONFIG = 'config.json';
const WEIGHTS = 'model.weights.h5';
const MAX_CONFIG_BYTES = 64 * 2 ** 20;
/** The largest network with its classifier has 0.6 GB. */
const MAX_WEIGHTS_BYTES = 2 * 2 ** 30;
/** Deflate cannot do better than 1032:1 (RFC 1951: 258 bytes in two bits); a zip that claims more lies. */
const MAX_RATIO = 1032;

/** Whether these bytes begin as a zip archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return [0x50, 0x4b, 0x03, 0x04].every((byte, i) => bytes[i] === byte);
}

/**
 * Take config and weights out of a `.keras` file. Nothing is unpacked before its declared size was found sane.
 * @throws InputError WEIGHTS_UNREADABLE
 */
export function readKerasArchive(bytes: Uint8Array): KerasArchive {
  const seen: string[] = [];
  const members = unpack(bytes, (member) => {
    seen.push(member.name);
    if (member.name !== CONFIG && member.name !== WEIGHTS) return false;
    assertSane(member, bytes.byteLength);
    return true;
  });
  const [config, weights] = [members[CONFIG], members[WEIGHTS]];
  if (config === undefined || weights === undefined) {
    const pickle = seen.some((name) => name.endsWith('.pkl'))
      ? ' It is a PyTorch file: save its state_dict as safetensors.'
      : '';
    throw unreadable(`it has no ${config === undefined ? CONFIG : WEIGHTS}.${pickle}`);
  }
  try {
    return { config: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(config)), weights };
  } catch (cause) {
    throw unreadable(`its ${CONFIG} is no JSON (${messageOf(cause)}).`, cause);
  }
}

function unpack(bytes: Uint8Array, filter: (member: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw unreadable(`${messageOf(cause)}.`, cause);
  }
}

function assertSane({ name, size, originalSize }: UnzipFileInfo, fileBytes: number): void {
  const limit = name === CONFIG ? MAX_CONFIG_BYTES : MAX_WEIGHTS_BYTES;
  if (size <= fileBytes && originalSize <= limit && originalSize <= (size + 1) * MAX_RATIO) return;
  throw unreadable(`${name} claims ${originalSize} bytes out of ${size} in a file of ${fileBytes}.`);
}

function unreadable(found: string, cause?: unknown): InputError {
  return new InputError(
    'WEIGHTS_UNREADABLE',
    `Not a .keras file of a model: ${found} Fetch the file again, or have Keras save it again.`,
    { cause },
  );
}
