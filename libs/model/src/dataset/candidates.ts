import { layFrequencies, lowFrequencies, STEADY, steadyPart } from './low-frequencies.js';
import type { Sketch } from './sketch.js';

/** A picture that the first may be a twin of, laid in this one of the eight ways. */
export interface Candidate {
  readonly second: number;
  readonly way: number;
}

/** Ways to lay a picture that one glance at all others serves. */
interface Glance {
  readonly place: Float32Array;
  readonly ways: number[];
}

/** How much further a glance reaches to serve more ways. */
const SLACK = 0.005;
/** Coordinates of a glance: a pair of mere grain is beyond reach in these 19 times out of 20. */
const GLANCED = 12;

/**
 * Pictures whose essences may be near each other, by their low frequencies. Most pairs are told apart by what is the same
 * however a picture is laid: one glance serves all eight ways, and two or three do where what all pictures share is nearer to
 * some of them. Every pair gets its glance, for nothing could sort pictures of mere grain: they are all about equally far
 * from any place.
 */
export class Candidates {
  readonly #sketches: readonly Sketch[];
  readonly #reach: number;
  readonly #common: Float32Array;
  /** One row per sketch: low frequencies of its essence, what of them is steady, and half the square of what is glanced at. */
  readonly #low: Float32Array;
  readonly #steady: Float32Array;
  readonly #halves: Float64Array;

  /**
   * @param options.common from `findCommon`
   * @param options.reach most that two essences may be apart
   */
  constructor(sketches: readonly Sketch[], { common, reach }: { common: Float32Array; reach: number }) {
    this.#sketches = sketches;
    this.#reach = reach;
    this.#common = lowFrequencies(common);
    const { length } = this.#common;
    this.#low = new Float32Array(sketches.length * length);
    this.#steady = new Float32Array(sketches.length * STEADY);
    for (const [row, { low, apart }] of sketches.entries()) {
      const essence = this.#essenceOf(low, apart[0] as number);
      this.#low.set(essence, row * length);
      this.#steady.set(steadyPart(essence), row * STEADY);
    }
    this.#halves = Float64Array.from(sketches, (_, row) => halfSquare(this.#steady.subarray(row * STEADY)));
  }

  /** Among the sketches after this one; none whose essence is within reach is missed. */
  after(row: number): Candidate[] {
    const { low, apart } = this.#sketches[row] as Sketch;
    const laid = layFrequencies(low).map((way, i) => this.#essenceOf(way, apart[i] as number));
    const found: Candidate[] = [];
    for (const { place, ways } of glancesOf(laid)) {
      for (const other of this.#glance(place, row + 1)) {
        const { picture: second } = this.#sketches[other] as Sketch;
        for (const way of ways)
          if (isNear(laid[way] as Float32Array, { rows: this.#low, row: other, reach: this.#reach }))
            found.push({ second, way });
      }
    }
    return found;
  }

  #essenceOf(low: Float32Array, apart: number): Float32Array {
    return low.map((wave, i) => (wave - (this.#common[i] as number)) / apart);
  }

  /**
   * Rows from one on whose steady part is within reach of a place. The coordinates are written out, for nearly all of the
   * time goes here and a loop takes twice as much.
   */
  #glance(place: Float32Array, from: number): number[] {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0, l = 0] = place;
    const rows = this.#steady;
    const halves = this.#halves;
    const reach = this.#reach + SLACK;
    // |p - r|² <= reach² is p·r >= |r|²/2 + (|p|² - reach²)/2.
    const least = halfSquare(place) - reach ** 2 / 2;
    const found: number[] = [];
    for (let row = from, at = from * STEADY; row < halves.length; row += 1, at += STEADY) {
      const product =
        a * (rows[at] as number) +
        b * (rows[at + 1] as number) +
        c * (rows[at + 2] as number) +
        d * (rows[at + 3] as number) +
        (e * (rows[at + 4] as number) +
          f * (rows[at + 5] as number) +
          g * (rows[at + 6] as number) +
          h * (rows[at + 7] as number)) +
        (i * (rows[at + 8] as number) +
          j * (rows[at + 9] as number) +
          k * (rows[at + 10] as number) +
          l * (rows[at + 11] as number));
      if (product >= least + (halves[row] as number) && isNear(place, { rows, row, reach })) found.push(row);
    }
    return found;
  }
}

function glancesOf(laid: readonly Float32Array[]): Glance[] {
  const glances: Glance[] = [];
  for (const [way, essence] of laid.entries()) {
    const place = steadyPart(essence);
    const known = glances.find((glance) => isNear(place, { rows: glance.place, row: 0, reach: SLACK }));
    if (known === undefined) glances.push({ place, ways: [way] });
    else known.ways.push(way);
  }
  return glances;
}

function halfSquare(place: Float32Array): number {
  return place.subarray(0, GLANCED).reduce((sum, value) => sum + value * value, 0) / 2;
}

/** Whether a row of places is within reach of a place. */
function isNear(
  place: Float32Array,
  { rows, row, reach }: { rows: Float32Array; row: number; reach: number },
): boolean {
  const start = row * place.length;
  const most = reach * reach;
  let squares = 0;
  for (let i = 0; i < place.length && squares <= most; i += 1) {
    const apart = (place[i] as number) - (rows[start + i] as number);
    squares += apart * apart;
  }
  return squares <= most;
}
