/** Coordinates that are looked at: the rest tells few pairs apart, and 16 floats are one line of a processor's cache. */
const WIDEST = 16;

export interface Point {
  readonly picture: number;
  /** All points have the same number of coordinates. */
  readonly place: Float32Array;
}

/**
 * Points by where they lie in the coordinates in which they spread most: sorted along the widest, so that those near a
 * place are looked for in a stretch of it alone.
 */
export class Neighbourhood {
  readonly #order: readonly number[];
  readonly #pictures: readonly number[];
  /** [points, coordinates in #order]. */
  readonly #values: Float32Array;

  constructor(points: readonly Point[]) {
    this.#order = bySpread(points).slice(0, WIDEST);
    const [widest = 0] = this.#order;
    const sorted = [...points].sort((a, b) => (a.place[widest] as number) - (b.place[widest] as number));
    this.#pictures = sorted.map(({ picture }) => picture);
    this.#values = new Float32Array(sorted.length * this.#order.length);
    for (const [row, { place }] of sorted.entries()) this.#values.set(this.#look(place), row * this.#order.length);
  }

  /** Pictures at most `reach` from a place in these coordinates: none that is within reach in all of them is missed. */
  near(place: Float32Array, reach: number): number[] {
    const values = this.#values;
    const looked = this.#look(place);
    const width = looked.length;
    const end = (looked[0] as number) + reach;
    const most = reach * reach;
    const near: number[] = [];
    let at = this.#firstFrom((looked[0] as number) - reach) * width;
    for (; at < values.length && (values[at] as number) <= end; at += width) {
      let squares = 0;
      for (let column = 0; column < width && squares <= most; column += 1) {
        const apart = (looked[column] as number) - (values[at + column] as number);
        squares += apart * apart;
      }
      if (squares <= most) near.push(this.#pictures[at / width] as number);
    }
    return near;
  }

  #look(place: Float32Array): Float32Array {
    return Float32Array.from(this.#order, (coordinate) => place[coordinate] as number);
  }

  /** Row of the first point that lies there or further along the widest coordinate. */
  #firstFrom(value: number): number {
    const width = this.#order.length;
    let [low, high] = [0, this.#pictures.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#values[middle * width] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function bySpread(points: readonly Point[]): number[] {
  const variances = [...(points[0]?.place ?? [])].map((_, coordinate) => {
    let [sum, squares] = [0, 0];
    for (const { place } of points) {
      sum += place[coordinate] as number;
      squares += (place[coordinate] as number) ** 2;
    }
    return squares - sum ** 2 / points.length;
  });
  return [...variances.keys()].sort((a, b) => (variances[b] as number) - (variances[a] as number));
}
