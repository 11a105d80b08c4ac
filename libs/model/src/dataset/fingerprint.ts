import { createHash } from 'node:crypto';
import { InvariantError } from '#contracts';
import { compareNames, type Sample } from './sample.js';

/**
 * One hash for a data set: over path, label, split and file hash of every sample, sorted by path. Equal fingerprints
 * mean the same pictures with the same labels on the same sides, wherever the directory lies.
 * @param samples verified (`sha256` set) and split
 * @returns 64 lower-case hex digits
 */
export function fingerprint(samples: readonly Sample[]): string {
  const hash = createHash('sha256');
  for (const { path, label, split, sha256 } of [...samples].sort((a, b) => compareNames(a.path, b.path))) {
    if (sha256 === undefined) throw new InvariantError(`fingerprint of ${path} before verifyPictures: no file hash.`);
    hash.update(`${JSON.stringify([path, label, split, sha256])}\n`);
  }
  return hash.digest('hex');
}
