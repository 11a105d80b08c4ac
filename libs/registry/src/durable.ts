import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CodedError, DependencyError, isDiskFull, messageOf, systemCodeOf } from '#contracts';

/**
 * Write a small file that must appear whole or not at all, once and for all: temporary file, fsync, hard link, fsync of
 * the directory. The link is what makes it exclusive: of two writers one wins and the other is told.
 * @param scratch directory on the same file system for the unfinished file
 * @returns false when the file was there already; it is left as it was
 */
export async function writeOnce(file: string, text: string, scratch: string): Promise<boolean> {
  const unfinished = join(scratch, randomUUID());
  try {
    await writeSynced(unfinished, text);
    await link(unfinished, file);
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await discard(unfinished);
  }
  await syncDirectory(dirname(file));
  return true;
}

/** Write a new file, durable before it returns; its name is not, before `syncDirectory`. */
export async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Copy files of one directory into a new one, every byte and every name durable before it returns. */
export async function copyDurably(files: readonly string[], from: string, to: string): Promise<void> {
  const directories = new Set([to, ...files.map((file) => dirname(join(to, file)))]);
  for (const directory of directories) await mkdir(directory, { recursive: true });
  for (const file of files) {
    await copyFile(join(from, file), join(to, file));
    await syncPath(join(to, file));
  }
  for (const directory of directories) await syncDirectory(directory);
}

/** Make the names in a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  // Windows cannot open directories; NTFS journals their names by itself.
  if (process.platform !== 'win32') await syncPath(directory);
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Remove what an interrupted write left. @returns false when some of it stayed, for a later sweep */
export async function discard(path: string): Promise<boolean> {
  return rm(path, { recursive: true, force: true, maxRetries: 2 }).then(
    () => true,
    // Must not hide the reason for the interruption.
    () => false,
  );
}

/** Names in a folder that is there for good. @throws DependencyError REGISTRY_STORAGE */
export async function namesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch((error: unknown) => {
    throw storageError(error, `reading ${dir}`);
  });
}

/**
 * What a failed write means to the caller: DISK_FULL, or REGISTRY_STORAGE for any other reason the system gives. What
 * is no system error (ours, or a bug) passes unchanged.
 */
export function storageError(error: unknown, doing: string): unknown {
  if (systemCodeOf(error) === null || error instanceof CodedError) return error;
  if (isDiskFull(error)) {
    return new DependencyError(
      'DISK_FULL',
      `Disk is full: ${doing} failed (${messageOf(error)}). Nothing was changed. Free space and try again.`,
      { cause: error },
    );
  }
  return new DependencyError(
    'REGISTRY_STORAGE',
    `Registry cannot be used: ${doing} failed (${messageOf(error)}). Nothing was changed. Check the directory and its permissions.`,
    { cause: error },
  );
}
