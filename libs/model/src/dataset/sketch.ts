import { ESSENCE_SIDE } from './essence.js';
import { lowFrequencies } from './low-frequencies.js';
import { orientationTables } from './orientations.js';

/** What a picture is known by before it is compared cell by cell. */
export interface Sketch {
  readonly picture: number;
  /** As `lowFrequencies` gives them of the standardised picture. */
  readonly low: Float32Array;
  /** How far the picture, laid in each of the eight ways, is from what all pictures share. */
  readonly apart: Float64Array;
}

const TABLES = orientationTables(ESSENCE_SIDE);

/**
 * @param own from `standardise`
 * @param options.common from `findCommon`
 * @returns null where nothing sets the picture apart
 */
export function sketch(
  own: Float32Array,
  { picture, common }: { picture: number; common: Float32Array },
): Sketch | null {
  const apart = Float64Array.from(TABLES, (table) => distance(own, common, table));
  return apart[0] === 0 ? null : { picture, low: lowFrequencies(own), apart };
}

/** @param table how to lay the first */
function distance(own: Float32Array, common: Float32Array, table: Uint16Array): number {
  let squares = 0;
  for (let cell = 0; cell < common.length; cell += 1) {
    const apart = (own[table[cell] as number] as number) - (common[cell] as number);
    squares += apart * apart;
  }
  return Math.sqrt(squares);
}
