import { randomUUID } from 'node:crypto';
import { mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DependencyError, isDiskFull, messageOf } from '#contracts';

/**
 * Write a file so that a reader, a crash or a full disk never sees half of it: beside it, flushed, then renamed. Folders
 * above it are made. A pipe or device, `/dev/stdout` say, is written to as it is, and where a link leads to a file that file
 * is written: nothing may take their place.
 * @throws DependencyError DISK_FULL; what the system says else
 */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  if (await isPipeOrDevice(file)) return writeFile(file, content).catch(explainFull(file));
  const target = await realpath(file).catch(() => file);
  // Of its own: two runs may write one remembered answer at once.
  const part = `${target}.${randomUUID()}.part`;
  try {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(part, content, { flush: true });
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    return explainFull(target)(error);
  }
}

/**
 * What a failed write means: Node names no file where a disk is full, and there may be several disks.
 * @throws DependencyError DISK_FULL, else the cause itself
 */
export function explainFull(file: string): (cause: unknown) => never {
  return (cause) => {
    if (!isDiskFull(cause)) throw cause;
    throw new DependencyError(
      'DISK_FULL',
      `No room for ${file}: ${messageOf(cause)}. Free some space on its disk and run again; nothing half-written was left in its place.`,
      { cause },
    );
  };
}

async function isPipeOrDevice(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  return found !== null && !found.isFile() && !found.isDirectory();
}
