import { DependencyError, messageOf } from '#contracts';
import { FolderLock } from '#registry';

/**
 * Take an `--out` for this run alone; the caller releases it.
 * @throws DependencyError OUT_BUSY when another run is at work there, RUN_FOLDER when the folder cannot be made or written
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
    throw notWritable(dir, cause);
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
