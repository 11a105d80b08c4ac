import { setImmediate } from 'node:timers/promises';

/** Points handled between two breaths of the event loop. */
const BREATH = 32;
/** Coordinates that are looked at: the rest tells few pairs apart, and 16 floats are one line of a processor's cache. */
const WIDEST = 16;

export interface Point {
  readonly picture: number;
  /** All points have the same number of coordinates. */
  readonly place: Float32Array;
}

/**
 * Every pair of points at most `reach` apart in the coordinates in which they spread most, so none that is within reach
 * is missed: points are sorted along the widest of them, and a pair is given up where the next ones take it out of reach.
 * @returns for each point that has any, the pictures of its neighbours further along
 */
export async function* findNeighbours(
  points: readonly Point[],
  reach: number,
): AsyncGenerator<[picture: number, near: number[]]> {
  const order = bySpread(points).slice(0, WIDEST);
  const [widest = 0] = order;
  const sorted = [...points].sort((a, b) => (a.place[widest] as number) - (b.place[widest] as number));
  const width = order.length;
  const values = new Float32Array(sorted.length * width);
  for (const [row, { place }] of sorted.entries())
    for (const [column, coordinate] of order.entries()) values[row * width + column] = place[coordinate] as number;
  for (const [row, { picture }] of sorted.entries()) {
    if (row % BREATH === 0) await setImmediate();
    const near = nearAfter(values, { from: row * width, width, reach });
    if (near.length > 0) yield [picture, near.map((at) => (sorted[at / width] as Point).picture)];
  }
}

function nearAfter(
  values: Float32Array,
  { from, width, reach }: { from: number; width: number; reach: number },
): number[] {
  const near: number[] = [];
  const end = (values[from] as number) + reach;
  const most = reach * reach;
  for (let other = from + width; other < values.length && (values[other] as number) <= end; other += width) {
    let squares = 0;
    for (let column = 0; column < width && squares <= most; column += 1) {
      const apart = (values[from + column] as number) - (values[other + column] as number);
      squares += apart * apart;
    }
    if (squares <= most) near.push(other);
  }
  return near;
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
