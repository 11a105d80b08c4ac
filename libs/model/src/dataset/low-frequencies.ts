/** Frequencies per side that are kept. */
const KEPT = 12;

/**
 * The lowest coefficients of the orthonormal DCT-II of a square grid, as a perceptual hash takes them. Two grids are never
 * further apart here than they are themselves, so what is far apart here need not be compared.
 * @returns 12 x 12, rows by the frequency from top to bottom
 */
export function lowFrequencies(grid: Float32Array): Float32Array {
  const side = Math.sqrt(grid.length);
  const basis = basisOf(side);
  const rows = new Float64Array(KEPT * side);
  for (let u = 0; u < KEPT; u += 1) {
    for (let y = 0; y < side; y += 1) {
      const weight = basis[u * side + y] as number;
      for (let x = 0; x < side; x += 1)
        rows[u * side + x] = (rows[u * side + x] as number) + weight * (grid[y * side + x] as number);
    }
  }
  const low = new Float32Array(KEPT ** 2);
  for (let u = 0; u < KEPT; u += 1) {
    for (let v = 0; v < KEPT; v += 1) {
      let sum = 0;
      for (let x = 0; x < side; x += 1) sum += (rows[u * side + x] as number) * (basis[v * side + x] as number);
      low[u * KEPT + v] = sum;
    }
  }
  return low;
}

/**
 * The low frequencies of a grid laid in each of the eight ways: a wave that is mirrored is itself or its negative.
 * @param low from {@link lowFrequencies}
 * @returns in the order of `ORIENTATIONS`
 */
export function layFrequencies(low: Float32Array): Float32Array[] {
  const turned = (first: Float32Array): Float32Array[] => {
    const ways = [first];
    for (let last = first; ways.length < 4; ways.push(last)) last = change(last, (u, v) => v * KEPT + u);
    return ways;
  };
  return [...turned(low), ...turned(change(low, (u, v) => u * KEPT + v))];
}

/** Waves from other waves, those that are odd from left to right with the other sign. */
function change(low: Float32Array, from: (u: number, v: number) => number): Float32Array {
  return low.map((_, at) => {
    const [u, v] = [Math.floor(at / KEPT), at % KEPT];
    return (v % 2 === 0 ? 1 : -1) * (low[from(u, v)] as number);
  });
}

/** How many waves are the same however a grid is laid: even both ways, and the sum of the two that are each other's turn. */
export const STEADY = ((KEPT / 2) * (KEPT / 2 + 1)) / 2 - 1;

/**
 * What of the low frequencies does not depend on how the grid is laid. Two grids, laid in any way, are never further apart here
 * than they are themselves.
 * @param low of a grid with mean 0
 * @returns {@link STEADY} coordinates
 */
export function steadyPart(low: Float32Array): Float32Array {
  const steady = new Float32Array(STEADY);
  let at = 0;
  for (let v = 2; v < KEPT; v += 2) {
    for (let u = 0; u <= v; u += 2) {
      const [one, other] = [low[u * KEPT + v] as number, low[v * KEPT + u] as number];
      steady[at] = u === v ? one : (one + other) / Math.SQRT2;
      at += 1;
    }
  }
  return steady;
}

const bases = new Map<number, Float64Array>();

function basisOf(side: number): Float64Array {
  const known = bases.get(side);
  if (known !== undefined) return known;
  const basis = new Float64Array(KEPT * side);
  for (let u = 0; u < KEPT; u += 1) {
    const norm = Math.sqrt((u === 0 ? 1 : 2) / side);
    for (let x = 0; x < side; x += 1) basis[u * side + x] = norm * Math.cos((Math.PI * (2 * x + 1) * u) / (2 * side));
  }
  bases.set(side, basis);
  return basis;
}
