import { setImmediate } from 'node:timers/promises';
import { THUMBNAIL_SIDE } from './look.js';

/** Cells per side of an essence: a thumbnail's, two by two. */
export const ESSENCE_SIDE = THUMBNAIL_SIDE / 2;

/** Grey levels of contrast below which a thumbnail shows nothing to compare. */
const LEAST_CONTRAST = 2;
const CELLS = ESSENCE_SIDE ** 2;
/** Thumbnails handled between two breaths of the event loop. */
const BREATH = 256;

/** What all pictures share: the mean of their standardised grids. */
export async function findCommon(thumbnails: readonly Uint8Array[]): Promise<Float32Array> {
  const sum = new Float64Array(CELLS);
  let count = 0;
  for (const [i, thumbnail] of thumbnails.entries()) {
    if (i % BREATH === 0) await setImmediate();
    const standard = standardise(thumbnail);
    if (standard === null) continue;
    count += 1;
    for (let cell = 0; cell < CELLS; cell += 1) sum[cell] = (sum[cell] as number) + (standard[cell] as number);
  }
  return Float32Array.from(sum, (total) => total / Math.max(1, count));
}

/** What only a closer look shows: each cell of the thumbnail against the mean of the nine around it, as a unit vector. */
export function detailOf(thumbnail: Uint8Array): Float32Array | null {
  const side = THUMBNAIL_SIDE;
  const detail = new Float32Array(side ** 2);
  for (let y = 1; y < side - 1; y += 1) {
    for (let x = 1; x < side - 1; x += 1) {
      const middle = y * side + x;
      let sum = 0;
      for (let row = middle - side; row <= middle + side; row += side)
        for (let cell = row - 1; cell <= row + 1; cell += 1) sum += thumbnail[cell] as number;
      detail[middle] = (thumbnail[middle] as number) - sum / 9;
    }
  }
  return toUnit(detail);
}

/** A thumbnail's grid of {@link ESSENCE_SIDE} cells per side, to mean 0 and deviation 1; null for a blank. */
export function standardise(thumbnail: Uint8Array): Float32Array | null {
  const grid = new Float32Array(CELLS);
  let [sum, squares] = [0, 0];
  for (let y = 0; y < ESSENCE_SIDE; y += 1) {
    for (let x = 0; x < ESSENCE_SIDE; x += 1) {
      const corner = 2 * y * THUMBNAIL_SIDE + 2 * x;
      const below = corner + THUMBNAIL_SIDE;
      const [a, b] = [thumbnail[corner] as number, thumbnail[corner + 1] as number];
      const level = (a + b + (thumbnail[below] as number) + (thumbnail[below + 1] as number)) / 4;
      grid[y * ESSENCE_SIDE + x] = level;
      sum += level;
      squares += level * level;
    }
  }
  const mean = sum / CELLS;
  const deviation = Math.sqrt(Math.max(0, squares / CELLS - mean ** 2));
  return deviation < LEAST_CONTRAST ? null : grid.map((level) => (level - mean) / deviation);
}

function toUnit(vector: Float32Array): Float32Array | null {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? null : vector.map((value) => value / length);
}
