import { join } from 'node:path';
import sharp from 'sharp';
import type { Artefact } from '#model/artefact';
import { THUMBNAIL_SIDE } from '#model/dataset/look';
import type { VerifiedDataset } from '#model/dataset/sample';
import { everySoMany } from './every-so-many.js';
import { readSnapshot, type SnapshotRow } from './snapshot.js';
import { writeWhole } from './write-whole.js';

/** Inside the artefact: thumbnails of the pictures that a model learnt or chose by, in the order of their rows in `data.csv`. */
export const LEARNT_SHEET = 'learnt.png';

const COLUMNS = 64;
/** Pictures at most: a sheet is some 4 KiB of each, and whoever opens the model reads all its files. */
const PICTURES = 10_000;

/** A picture that a model learnt or chose by. */
export interface LearntPicture extends SnapshotRow {
  /** As `lookAt` makes it. */
  readonly thumbnail: Uint8Array;
}

/**
 * Keep what the pictures of a run's snapshot look like, test left out, of very many an even share: a later test may show them
 * again, in other bytes. Nothing is lost: of copies of BSData's pictures a JPEG of quality 90 tells but two in three.
 */
export async function writeLearntSheet(dir: string, thumbnails: VerifiedDataset['thumbnails']): Promise<void> {
  const rows = await readLearntRows(dir);
  const lines = Math.ceil(rows.length / COLUMNS);
  const [width, height] = [COLUMNS * THUMBNAIL_SIDE, lines * THUMBNAIL_SIDE];
  const sheet = new Uint8Array(width * height);
  for (const [place, { sha256 }] of rows.entries()) {
    const thumbnail = thumbnails.get(sha256) ?? new Uint8Array(THUMBNAIL_SIDE ** 2);
    for (const [from, at] of linesOf(place)) sheet.set(thumbnail.subarray(from, from + THUMBNAIL_SIDE), at);
  }
  const raw = { width, height, channels: 1 } as const;
  await writeWhole(join(dir, LEARNT_SHEET), await sharp(sheet, { raw }).png().toBuffer());
}

/** What a model keeps of the pictures it learnt or chose by; nothing where it was made before models kept that. */
export async function readLearntSheet({ dir, card }: Artefact): Promise<LearntPicture[]> {
  if (!(LEARNT_SHEET in card.files)) return [];
  const sheet = await sharp(join(dir, LEARNT_SHEET), { limitInputPixels: false }).toColourspace('b-w').raw().toBuffer();
  return (await readLearntRows(dir)).map((row, place) => {
    const thumbnail = new Uint8Array(THUMBNAIL_SIDE ** 2);
    for (const [to, at] of linesOf(place)) thumbnail.set(sheet.subarray(at, at + THUMBNAIL_SIDE), to);
    return { ...row, thumbnail };
  });
}

async function readLearntRows(dir: string): Promise<SnapshotRow[]> {
  const learnt = (await readSnapshot(dir)).filter(({ split }) => split !== 'test');
  return everySoMany(learnt, PICTURES);
}

/** Where each line of pixels of the thumbnail with this number begins: in itself and on the sheet. */
function linesOf(place: number): [own: number, sheet: number][] {
  const [column, row] = [place % COLUMNS, Math.floor(place / COLUMNS)];
  return Array.from({ length: THUMBNAIL_SIDE }, (_, y) => [
    y * THUMBNAIL_SIDE,
    ((row * THUMBNAIL_SIDE + y) * COLUMNS + column) * THUMBNAIL_SIDE,
  ]);
}
