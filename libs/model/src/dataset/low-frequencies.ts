/** Frequencies per side that are kept. */
const KEPT = 8;

/**
 * The lowest coefficients of the orthonormal DCT-II of a square grid, as a perceptual hash takes them. Two grids are never
 * further apart here than they are themselves, so what is far apart here need not be compared.
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
