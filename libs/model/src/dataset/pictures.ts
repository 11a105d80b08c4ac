import { readFile } from 'node:fs/promises';
import { foundIn, InputError } from '#contracts';
import type { Preprocess } from '../card.js';
import { readHeader, unreadable } from '../preprocess/header.js';
import { misfitOf } from '../preprocess/preprocess.js';
import { hashBytes } from './hash-bytes.js';
import { inParallel } from './in-parallel.js';
import { findKin } from './kin.js';
import type { KnownLooks } from './known-looks.js';
import { type Found, listFound } from './list-some.js';
import { lookAt, type Seen } from './look.js';
import type { Dataset, Sample, VerifiedDataset } from './sample.js';

export interface VerifyOptions {
  /** Pictures with more pixels are refused before they are decoded. */
  readonly maxPixels: number;
  /** What the plan asks of a picture's size; default nothing. */
  readonly frame?: Preprocess['frame'] | undefined;
  readonly roi?: Preprocess['roi'] | undefined;
  /** Looks of earlier runs, and where new ones go; default: every picture is decoded, and compared with the others. */
  readonly looks?: KnownLooks | undefined;
  /** Called after each picture. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A file that is no picture the line would take, or none of the size that the plan asks for, and why. */
export interface Unreadable extends Found {
  readonly code: 'IMAGE_UNREADABLE' | 'IMAGE_SIZE';
}

/**
 * Open every picture once: hash its bytes, decode and measure it, so that a broken file is found before an hour of
 * training and not in the middle of it; then find the pictures that show one thing.
 * @returns the same data set, every sample with `sha256`, `look` and, where it has one, its `kin`
 * @throws InputError IMAGE_UNREADABLE naming some broken files for each of their reasons, and their number; IMAGE_SIZE those of a size that
 *   does not fit
 */
export async function verifyPictures(dataset: Dataset, options: VerifyOptions): Promise<VerifiedDataset> {
  const { unreadable, ...verified } = await inspectPictures(dataset, options);
  const having = (code: Unreadable['code']) => unreadable.filter((one) => one.code === code);
  const [broken, misfits] = [having('IMAGE_UNREADABLE'), having('IMAGE_SIZE')];
  const { dir, samples } = dataset;
  if (broken.length > 0) {
    throw new InputError(
      'IMAGE_UNREADABLE',
      `${broken.length} of ${samples.length} files in ${dir} are not readable pictures: ${listFound(broken)}. Replace them, save TIFF, BMP or WebP as PNG, make those of too many pixels smaller, or take them out.`,
    );
  }
  if (misfits.length > 0) {
    throw new InputError(
      'IMAGE_SIZE',
      `${misfits.length} of ${samples.length} pictures in ${dir} do not fit the plan: ${listFound(misfits)}. Correct its frame or roi, or take the pictures out.`,
    );
  }
  return verified;
}

/** As {@link verifyPictures}, but what cannot be read is left out and listed, by path. */
export async function inspectPictures(
  dataset: Dataset,
  options: VerifyOptions,
): Promise<VerifiedDataset & { readonly unreadable: readonly Unreadable[] }> {
  const { frame = null, roi = null } = options;
  const unreadable: Unreadable[] = [];
  let done = 0;
  const opened = await inParallel(dataset.samples, async (sample) => {
    try {
      const { thumbnail, ...known } = await openPicture(sample.file, options);
      const misfit = misfitOf(known.look, { frame, roi });
      if (misfit !== null) {
        unreadable.push({ code: 'IMAGE_SIZE', path: sample.path, reason: misfit });
        return [];
      }
      return [{ sample: { ...sample, ...known }, thumbnail }];
    } catch (error) {
      unreadable.push({ code: 'IMAGE_UNREADABLE', path: sample.path, reason: foundIn(error) });
      return [];
    } finally {
      done += 1;
      options.onProgress?.(done, dataset.samples.length);
    }
  });
  const { samples, twins } = await findKin(opened.flat(), options.looks);
  const thumbnails = new Map(opened.flat().map(({ sample, thumbnail }) => [sample.sha256, thumbnail]));
  return { ...dataset, samples, twins, thumbnails, unreadable: unreadable.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

async function openPicture(
  file: string,
  { maxPixels, looks }: VerifyOptions,
): Promise<Required<Pick<Sample, 'sha256' | 'look'>> & Pick<Seen, 'thumbnail'>> {
  const bytes = await readFile(file);
  // What the line would refuse is no training picture either.
  await readHeader(bytes, maxPixels);
  const sha256 = await hashBytes(bytes);
  const known = await looks?.find(sha256);
  if (known !== undefined) return { ...known, sha256 };
  const seen = await lookAt(bytes).catch((cause: unknown) => {
    // Which of its decoder's words come first depends on its threads.
    throw unreadable('pixels cut short or damaged', bytes, cause);
  });
  looks?.add(sha256, seen);
  return { ...seen, sha256 };
}
