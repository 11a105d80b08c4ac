import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { freeBytes } from '#contracts/free-bytes';
import { blocked, type Finding, gap, ok } from './finding.js';
import { gigabytes } from './machine.js';

export interface Folder {
  readonly about: string;
  readonly dir: string;
  /** Below this many free bytes the line stops or a training may not end. */
  readonly watermarkBytes: number;
  /** What its trouble means. */
  readonly trouble: 'gap' | 'blocked';
}

/** Free space where a folder is or will be, and whether this user may write there. */
export async function findDisk({ about, dir, watermarkBytes, trouble }: Folder): Promise<Finding[]> {
  const place = await nearest(resolve(dir));
  const report = trouble === 'blocked' ? blocked : gap;
  const free = await freeBytes(place);
  const found = `${resolve(dir)}, ${gigabytes(free)} GB free`;
  if (await denied(place))
    return [report(about, found, `This user may not write to ${place}: change its owner or the setting.`)];
  if (free >= watermarkBytes) return [ok(about, found)];
  return [report(about, found, `Expected ${gigabytes(watermarkBytes)} GB: clear the disk or take another.`)];
}

/** There, and this user may not write it. */
export function denied(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}

/** The folder itself, or the closest one above it that exists. */
async function nearest(dir: string): Promise<string> {
  const isThere = await stat(dir).then(
    () => true,
    () => false,
  );
  return isThere || dirname(dir) === dir ? dir : nearest(dirname(dir));
}
