import { readFile } from 'node:fs/promises';
import { InputError, messageOf } from '#contracts';
import type { Sample } from './sample.js';

/**
 * Bytes of a labelled picture, the same that were hashed when the data was read: what is learnt, judged and kept in the
 * card's fingerprint must be one picture.
 * @throws InputError DATA_CHANGED when the file is gone or holds other bytes by now; IMAGE_UNREADABLE when one that was
 *   never hashed cannot be read
 */
export async function readSample({ file, path, sha256 }: Sample): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    if (sha256 === undefined) throw new InputError('IMAGE_UNREADABLE', messageOf(cause), { cause });
    throw changed(path, `it cannot be read any more (${messageOf(cause)})`, cause);
  });
  if (sha256 === undefined) return bytes;
  // Web Crypto hashes on libuv's threads; createHash would hold the event loop.
  const now = Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
  if (now !== sha256) throw changed(path, 'its bytes are others than when the run began');
  return bytes;
}

function changed(path: string, found: string, cause?: unknown): InputError {
  return new InputError(
    'DATA_CHANGED',
    `Picture ${path} changed during the run: ${found}. Leave the data alone while a run reads it, then start again.`,
    { cause },
  );
}
