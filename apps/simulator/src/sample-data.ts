import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DependencyError, InputError, messageOf } from '#contracts';
import { makePart, type Part, type PartSeries } from './part/part.js';

type Side = keyof typeof LOTS;

export interface SampleDataOptions {
  readonly seed: number;
  /** Pictures to make. */
  readonly count: number;
  /** Share of defective parts, 0-1. */
  readonly defectShare: number;
  /** Called after every picture. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Parts per lot: many small lots, because what differs between lots is what a model has to see through. */
const LOT_SIZE = 10;
/** libuv's pool has four threads by default and sharp's work runs there; more in flight only costs memory. */
const IN_FLIGHT = 8;
/** Of ten lots in a row, so many are train, then val, then test. */
const LOTS = { train: 6, val: 2, test: 2 } as const;
/** So many pictures, and every side has some. */
export const ENOUGH_FOR_SIDES = LOT_SIZE * (LOTS.train + LOTS.val) + 1;
const HEADER = 'path,label,split,truth,severity,group,lot,part';

/**
 * Write a labelled data set: folder `good` and one per defect class, and `split.csv` with
 * `path,label,split,truth,severity,group,lot,part`, where the label is `good` or the class of the defect. Lots are groups and
 * no lot is in two splits (6 of 10 train, 2 val, 2 test). The same options give the same bytes. Appears whole or not at all.
 * @throws InputError DATA_EXISTS when `dir` is already there, OPTION_INVALID for a count or share out of range;
 * DependencyError DATA_WRITE when the disk refuses
 * @returns pictures of each side
 */
export async function writeSampleDataset(dir: string, options: SampleDataOptions): Promise<Record<Side, number>> {
  const { seed, count, defectShare, onProgress } = options;
  if (!Number.isInteger(count) || count < 1 || !(defectShare >= 0 && defectShare <= 1)) {
    throw new InputError(
      'OPTION_INVALID',
      `Sample data set cannot be made: expected a whole count of at least 1 and a defect share from 0 to 1, got ${count} and ${defectShare}.`,
    );
  }
  const target = resolve(dir);
  await refuseExisting(target);
  const series: PartSeries = { series: 'sample', seed, defectShare, lotSize: LOT_SIZE };
  const building = join(dirname(target), `.${randomUUID()}.tmp`);
  const sides: Record<Side, number> = { train: 0, val: 0, test: 0 };
  try {
    const rows = [HEADER];
    for (let first = 0; first < count; first += IN_FLIGHT) {
      const numbers = Array.from({ length: Math.min(IN_FLIGHT, count - first) }, (_, i) => first + i);
      const parts = await Promise.all(numbers.map((number) => makePart(series, number)));
      for (const [i, part] of parts.entries()) {
        const side = sideOf(first + i);
        rows.push(await writePart(building, part, side));
        sides[side] += 1;
        onProgress?.(first + i + 1, count);
      }
    }
    await writeFile(join(building, 'split.csv'), `${rows.join('\n')}\n`);
    await rename(building, target);
    return sides;
  } catch (cause) {
    await rm(building, { recursive: true, force: true });
    throw new DependencyError(
      'DATA_WRITE',
      `Sample data set could not be written to ${target}: ${messageOf(cause)}. Nothing was left behind; free the disk or choose another folder.`,
      { cause },
    );
  }
}

async function refuseExisting(target: string): Promise<void> {
  const isThere = await access(target).then(
    () => true,
    () => false,
  );
  if (isThere) {
    throw new InputError(
      'DATA_EXISTS',
      `Sample data set not written: ${target} already exists. Remove it or name a new folder.`,
    );
  }
}

async function writePart(building: string, part: Part, split: string): Promise<string> {
  const folder = part.defectClass ?? 'good';
  await mkdir(join(building, folder), { recursive: true });
  const path = `${folder}/${part.partId}.jpg`;
  await writeFile(join(building, path), part.picture);
  return [path, folder, split, part.truth, part.severity.toFixed(2), part.lot, part.lot, part.partId].join(',');
}

function sideOf(number: number): Side {
  const lot = Math.floor(number / LOT_SIZE) % (LOTS.train + LOTS.val + LOTS.test);
  if (lot < LOTS.train) return 'train';
  return lot < LOTS.train + LOTS.val ? 'val' : 'test';
}
