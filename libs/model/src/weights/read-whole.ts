import { open } from 'node:fs/promises';
import { InputError, messageOf } from '#contracts';

/** The largest network with its classifier has 0.6 GB; Node reads no file above 2 GiB at once. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/**
 * All bytes of a weights file.
 * @throws InputError WEIGHTS_UNREADABLE when it is not there, no file, or too large for any network
 */
export async function readWhole(file: string | URL): Promise<Uint8Array> {
  try {
    await using handle = await open(file, 'r');
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Error('it is no file');
    if (stat.size > MAX_FILE_BYTES) throw new Error(`it has ${stat.size} bytes, expected ${MAX_FILE_BYTES} at most`);
    return await handle.readFile();
  } catch (cause) {
    throw new InputError(
      'WEIGHTS_UNREADABLE',
      `Weights ${file} cannot be read: ${messageOf(cause)}. Check the path and its permissions.`,
      { cause },
    );
  }
}
