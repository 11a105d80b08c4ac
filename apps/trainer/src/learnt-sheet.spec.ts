import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Artefact } from '#model/artefact';
import { THUMBNAIL_SIDE } from '#model/dataset/look';
import type { Sample } from '#model/dataset/sample';
import { tempDir } from '../../../test/factories/tools.js';
import { LEARNT_SHEET, readLearntSheet, writeLearntSheet } from './learnt-sheet.js';
import { writeSnapshot } from './snapshot.js';

/** A thumbnail that tells its number. */
function numbered(n: number): Uint8Array {
  const thumbnail = new Uint8Array(THUMBNAIL_SIDE ** 2);
  new DataView(thumbnail.buffer).setUint32(thumbnail.length - 4, n);
  return thumbnail;
}

describe('the sheet of what a model learnt', () => {
  it('holds 10,000 pictures of 12,500 spread over all of them, each with its own thumbnail', async () => {
    const dir = tempDir();
    const names = Array.from({ length: 12_500 }, (_, n) => String(n).padStart(5, '0'));
    const train = names.map((path) => ({ path, label: 'good', split: 'train', sha256: path }) as Sample);
    await writeSnapshot(dir, { train, val: [], test: [] });
    await writeLearntSheet(dir, new Map(names.map((name, n) => [name, numbered(n)])));
    const kept = await readLearntSheet({ dir, card: { files: { [LEARNT_SHEET]: '' } } } as unknown as Artefact);
    assert.equal(kept.length, 10_000);
    for (const { path, thumbnail } of kept)
      assert.equal(new DataView(thumbnail.buffer).getUint32(thumbnail.length - 4), Number(path));
    assert.ok(
      kept.every(({ path }, i) => Math.abs(Number(path) - i * 1.25) <= 1),
      'an even share',
    );
  });
});
