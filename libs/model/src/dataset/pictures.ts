import { readFile } from 'node:fs/promises';
import { InputError, messageOf } from '#contracts';
import { readHeader } from '../preprocess/header.js';
import { hashBytes } from './hash-bytes.js';
import { inParallel } from './in-parallel.js';
import { findKin } from './kin.js';
import { listSome } from './list-some.js';
import { lookAt, type Seen } from './look.js';
import type { Dataset, Sample, VerifiedDataset } from './sample.js';

export interface VerifyOptions {
  /** Pictures with more pixels are refused before they are decoded. */
  readonly maxPixels: number;
  /** Called after each picture. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A file that is no picture the line would take, and why. */
export interface Unreadable {
  readonly path: string;
  readonly reason: string;
}

/**
 * Open every picture once: hash its bytes, decode and measure it, so that a broken file is found before an hour of
 * training and not in the middle of it; then find the pictures that show one thing.
 * @returns the same data set, every sample with `sha256`, `look` and, where it has one, its `kin`
 * @throws InputError IMAGE_UNREADABLE naming the first ten broken files and their number
 */
export async function verifyPictures(dataset: Dataset, options: VerifyOptions): Promise<VerifiedDataset> {
  const { unreadable, ...verified } = await inspectPictures(dataset, options);
  if (unreadable.length === 0) return verified;
  const problems = unreadable.map(({ path, reason }) => `${path} (${reason})`);
  throw new InputError(
    'IMAGE_UNREADABLE',
    `${problems.length} of ${dataset.samples.length} files in ${dataset.dir} are not readable pictures: ${listSome(problems)}. Replace them or take them out.`,
    { details: { files: problems.length } },
  );
}

/** As {@link verifyPictures}, but what cannot be read is left out and listed, by path. */
export async function inspectPictures(
  dataset: Dataset,
  options: VerifyOptions,
): Promise<VerifiedDataset & { readonly unreadable: readonly Unreadable[] }> {
  const unreadable: Unreadable[] = [];
  let done = 0;
  const opened = await inParallel(dataset.samples, async (sample) => {
    try {
      const { thumbnail, ...known } = await openPicture(sample.file, options.maxPixels);
      return [{ sample: { ...sample, ...known }, thumbnail }];
    } catch (error) {
      unreadable.push({ path: sample.path, reason: messageOf(error).split('\n', 1)[0] ?? '' });
      return [];
    } finally {
      done += 1;
      options.onProgress?.(done, dataset.samples.length);
    }
  });
  const { samples, twins } = await findKin(opened.flat());
  return { ...dataset, samples, twins, unreadable: unreadable.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

async function openPicture(
  file: string,
  maxPixels: number,
): Promise<Required<Pick<Sample, 'sha256' | 'look'>> & Pick<Seen, 'thumbnail'>> {
  const bytes = await readFile(file);
  // What the line would refuse is no training picture either.
  await readHeader(bytes, maxPixels);
  const [seen, sha256] = await Promise.all([lookAt(bytes), hashBytes(bytes)]);
  return { ...seen, sha256 };
}
