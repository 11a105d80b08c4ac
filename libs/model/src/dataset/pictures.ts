import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { InputError, messageOf } from '#contracts';
import { readHeader } from '../preprocess/header.js';
import { inParallel } from './in-parallel.js';
import { listSome } from './list-some.js';
import type { Dataset, Sample } from './sample.js';

export interface VerifyOptions {
  /** Pictures with more pixels are refused before they are decoded. */
  readonly maxPixels: number;
  /** Called after each picture. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Open every picture once: hash its bytes and decode it (at an eighth of its size where the format allows), so that a
 * broken file is found before an hour of training and not in the middle of it.
 * @returns the same data set with `sha256` on every sample
 * @throws InputError IMAGE_UNREADABLE naming the first ten broken files and their number
 */
export async function verifyPictures(dataset: Dataset, options: VerifyOptions): Promise<Dataset> {
  const problems: string[] = [];
  let done = 0;
  const samples = await inParallel(dataset.samples, async (sample): Promise<Sample> => {
    try {
      return { ...sample, sha256: await openPicture(sample.file, options.maxPixels) };
    } catch (error) {
      problems.push(`${sample.path} (${messageOf(error).split('\n', 1)[0]})`);
      return sample;
    } finally {
      done += 1;
      options.onProgress?.(done, dataset.samples.length);
    }
  });
  if (problems.length === 0) return { ...dataset, samples };
  throw new InputError(
    'IMAGE_UNREADABLE',
    `${problems.length} of ${samples.length} files in ${dataset.dir} are not readable pictures: ${listSome(problems.sort())}. Replace them or take them out.`,
    { details: { files: problems.length } },
  );
}

async function openPicture(file: string, maxPixels: number): Promise<string> {
  const bytes = await readFile(file);
  // What the line would refuse is no training picture either.
  await readHeader(bytes, maxPixels);
  await sharp(bytes, { limitInputPixels: false, failOn: 'error' }).resize(32, 32, { fit: 'fill' }).raw().toBuffer();
  // Web Crypto hashes on libuv's threads; createHash would hold the event loop.
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}
