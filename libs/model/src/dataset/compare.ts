import { detailOf, ESSENCE_SIDE, standardise } from './essence.js';
import { THUMBNAIL_SIDE } from './look.js';
import { orientationTables } from './orientations.js';

const ESSENCE_TABLES = orientationTables(ESSENCE_SIDE);
const DETAIL_TABLES = orientationTables(THUMBNAIL_SIDE);

/** Thumbnails of two pictures. */
export type Both = readonly [first: Uint8Array, second: Uint8Array];

/**
 * Correlation of what sets two pictures apart from the others, the first laid in a way. What the others share lies as it does
 * in the second, then as in the first: in a fixture where only one of them is mirrored, either alone shows the fixture.
 * @param how.common from `findCommon`
 * @param how.way number of the orientation in which the first is laid
 * @returns the smaller of the two; 0 where one is blank
 */
export function likenessOf(both: Both, { common, way }: { common: Float32Array; way: number }): number {
  const [first, second] = both.map(standardise);
  if (!first || !second) return 0;
  const table = ESSENCE_TABLES[way] as Uint16Array;
  const laid = lay(first, table);
  return Math.min(...[common, lay(common, table)].map((shared) => correlate(laid, second, shared)));
}

/** Correlation of what only a closer look at two pictures shows, the first laid in a way; 0 where one shows nothing. */
export function detailLikenessOf(both: Both, way: number): number {
  const [first, second] = both.map(detailOf);
  if (!first || !second) return 0;
  return correlate(lay(first, DETAIL_TABLES[way] as Uint16Array), second, new Float32Array(second.length));
}

function lay(grid: Float32Array, table: Uint16Array): Float32Array {
  return grid.map((_, cell) => grid[table[cell] as number] as number);
}

/** Correlation of how two grids differ from a third; 0 where one does not. */
function correlate(one: Float32Array, other: Float32Array, shared: Float32Array): number {
  let [product, square, otherSquare] = [0, 0, 0];
  for (let cell = 0; cell < shared.length; cell += 1) {
    const level = shared[cell] as number;
    const [a, b] = [(one[cell] as number) - level, (other[cell] as number) - level];
    product += a * b;
    square += a * a;
    otherSquare += b * b;
  }
  return product === 0 ? 0 : product / Math.sqrt(square * otherSquare);
}
