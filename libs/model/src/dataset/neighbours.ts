/** Coordinates that are looked at: the rest tells few pairs apart. */
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
  /** One list per coordinate in #order: most points are told apart by the first two, which a processor's cache then holds. */
  readonly #columns: readonly Float32Array[];

  constructor(points: readonly Point[]) {
    this.#order = bySpread(points).slice(0, WIDEST);
    const [widest = 0] = this.#order;
    const sorted = [...points].sort((a, b) => (a.place[widest] as number) - (b.place[widest] as number));
    this.#pictures = sorted.map(({ picture }) => picture);
    this.#columns = this.#order.map((coordinate) =>
      Float32Array.from(sorted, ({ place }) => place[coordinate] as number),
    );
  }

  /** Pictures at most `reach` from a place in these coordinates: none that is within reach in all of them is missed. */
  near(place: Float32Array, reach: number): number[] {
    const [along = new Float32Array(0), ...others] = this.#columns;
    const [at = 0, ...rest] = this.#order.map((coordinate) => place[coordinate] as number);
    const most = reach * reach;
    const near: number[] = [];
    const end = at + reach;
    for (let row = firstFrom(along, at - reach); row < along.length && (along[row] as number) <= end; row += 1) {
      let apart = at - (along[row] as number);
      let squares = apart * apart;
      for (let column = 0; column < others.length && squares <= most; column += 1) {
        apart = (rest[column] as number) - ((others[column] as Float32Array)[row] as number);
        squares += apart * apart;
      }
      if (squares <= most) near.push(this.#pictures[row] as number);
    }
    return near;
  }
}

/** Place of the first of sorted values that is not below this one. */
function firstFrom(sorted: Float32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
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
