import { realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { CodedError, DependencyError, InputError, messageOf } from '#contracts';
import { isReadByFolders } from '#model/dataset/dataset';
import { FolderLock } from '#registry';
import type { DataChoice } from './data-choice.js';

/**
 * Refuse an `--out` among class folders: a run leaves folders and golden pictures there, which the next reader of the data
 * would take for a class or its pictures. A CSV names its pictures, and hidden folders are not read: there it does no harm.
 * @throws InputError OUT_IN_DATA | DATA_MISSING
 */
export async function refuseAmongClasses({ data, split }: DataChoice, out: string): Promise<void> {
  const below = relative(await realPathOf(data), await realPathOf(out)).split(sep);
  // Above or beside the data it begins with `..`.
  if (below.some((name) => name.startsWith('.'))) return;
  if (!(await isReadByFolders({ dir: data, split }))) return;
  throw new InputError(
    'OUT_IN_DATA',
    `--out ${out} lies among the class folders of ${data}: what a run leaves there, golden pictures with it, would be taken for a class at the next training. Name an --out beside the data.`,
  );
}

/** Without links, also of what is not there yet. */
async function realPathOf(path: string): Promise<string> {
  const full = resolve(path);
  const above = dirname(full);
  return realpath(full).catch(async () =>
    above === full ? full : join(await realPathOf(above), relative(above, full)),
  );
}

/**
 * Take an `--out` for this run alone; the caller releases it.
 * @throws DependencyError OUT_BUSY when another run is at work there, RUN_FOLDER when the folder cannot be made or written,
 *   SQLITE_NOT_LOADED
 */
export function takeOut(dir: string): FolderLock {
  const lock = tryTake(dir);
  if (lock !== null) return lock;
  throw new DependencyError('OUT_BUSY', `Another run is at work in ${dir}. Wait until it ends, or name another --out.`);
}

function tryTake(dir: string): FolderLock | null {
  try {
    return FolderLock.take(dir);
  } catch (cause) {
    throw cause instanceof CodedError ? cause : notWritable(dir, cause);
  }
}

/** RUN_FOLDER: what a failed write into a run's folder means. */
export function notWritable(dir: string, cause: unknown): DependencyError {
  return new DependencyError(
    'RUN_FOLDER',
    `Run folder ${dir} cannot be written: ${messageOf(cause)}. Check its permissions and the free disk space.`,
    { cause },
  );
}
