import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { InvariantError } from '#contracts';

/** One picture's pooled features per row; all rows of one length. */
export type Rows = readonly ArrayLike<number>[];

/** Distance of a vector x [c]: squares of x * kernel + bias, summed. An ordinary row of the fit has 1. */
export interface Mahalanobis {
  /** [c, c], row-major. */
  readonly kernel: Float32Array;
  /** [c]. */
  readonly bias: Float32Array;
}

/** Below this share of the largest spread a feature says nothing and must not divide. */
const SMALLEST_SPREAD = 1e-6;

/**
 * Fit a Gaussian to vectors: squared Mahalanobis distance per dimension (Lee et al. 2018), features standardised, their
 * covariance shrunk as Ledoit and Wolf (2004) give it, so that a few pictures are enough.
 */
export function fitMahalanobis(rows: Rows): Mahalanobis {
  const { mean, spread } = spreadOf(rows);
  const standard = rows.map((row) =>
    Float64Array.from(mean, (centre, i) => ((row[i] ?? 0) - centre) / (spread[i] ?? 1)),
  );
  const factor = new CholeskyDecomposition(shrunkCovariance(standard)).lowerTriangularMatrix;
  const c = mean.length;
  // |L^-1 x|^2 is the distance, so the kernel is the transposed inverse; its length makes the mean of c squares a sum.
  const inverse = invertLower(factor);
  const kernel = new Float32Array(c * c);
  const bias = new Float32Array(c);
  for (let out = 0; out < c; out++) {
    let shift = 0;
    for (let i = 0; i < c; i++) {
      const weight = (inverse[out]?.[i] ?? 0) / (spread[i] ?? 1) / Math.sqrt(c);
      kernel[i * c + out] = weight;
      shift -= weight * (mean[i] ?? 0);
    }
    bias[out] = shift;
  }
  return { kernel, bias };
}

/**
 * Inverse of a lower triangular matrix, row by row. A general solver takes it for any matrix: at 1,024 features that is
 * a hundred times the work.
 */
function invertLower(factor: Matrix): Float64Array[] {
  const inverse: Float64Array[] = [];
  for (let i = 0; i < factor.rows; i++) {
    const row = new Float64Array(factor.rows);
    row[i] = 1;
    for (const [k, above] of inverse.entries()) {
      const share = factor.get(i, k);
      for (let j = 0; j <= k; j++) row[j] = (row[j] as number) - share * (above[j] as number);
    }
    const scale = 1 / factor.get(i, i);
    for (let j = 0; j <= i; j++) row[j] = (row[j] as number) * scale;
    inverse.push(row);
  }
  return inverse;
}

/** Distance of one vector by the plain formula; the exported graph does the same. */
export function distanceOf({ kernel, bias }: Mahalanobis, row: ArrayLike<number>): number {
  const c = bias.length;
  const whitened = Float64Array.from(bias);
  for (let i = 0; i < c; i++) {
    const value = row[i] ?? 0;
    for (let out = 0; out < c; out++) whitened[out] = (whitened[out] ?? 0) + value * (kernel[i * c + out] ?? 0);
  }
  return whitened.reduce((sum, value) => sum + value * value, 0);
}

function spreadOf(rows: Rows): { mean: Float64Array; spread: Float64Array } {
  const c = rows[0]?.length ?? 0;
  if (c === 0) throw new InvariantError('A distance needs pictures to be fitted to.');
  const mean = new Float64Array(c);
  const square = new Float64Array(c);
  for (const row of rows) for (let i = 0; i < c; i++) mean[i] = (mean[i] ?? 0) + (row[i] ?? 0) / rows.length;
  for (const row of rows)
    for (let i = 0; i < c; i++) square[i] = (square[i] ?? 0) + ((row[i] ?? 0) - (mean[i] ?? 0)) ** 2 / rows.length;
  const spread = square.map(Math.sqrt);
  const largest = spread.reduce((most, value) => Math.max(most, value), 0);
  // Pictures that are all alike have no spread at all: then any other one is far away.
  return { mean, spread: spread.map((value) => Math.max(value, largest * SMALLEST_SPREAD, Number.EPSILON)) };
}

/** Ledoit-Wolf: between the covariance S and mu * I, at the share that has the least expected error. */
function shrunkCovariance(rows: readonly Float64Array[]): Matrix {
  const n = rows.length;
  const c = rows[0]?.length ?? 0;
  // Plain rows: at 512 features a matrix's own get and set are most of the time.
  const lower = Array.from({ length: c }, (_, i) => new Float64Array(i + 1));
  let fourths = 0;
  for (const row of rows) {
    fourths += row.reduce((sum, value) => sum + value * value, 0) ** 2;
    for (const [i, line] of lower.entries()) {
      const own = (row[i] ?? 0) / n;
      for (let j = 0; j <= i; j++) line[j] = (line[j] as number) + own * (row[j] as number);
    }
  }
  const covariance = new Matrix(c, c);
  for (const [i, line] of lower.entries()) {
    for (const [j, value] of line.entries()) {
      covariance.set(i, j, value);
      covariance.set(j, i, value);
    }
  }
  const mu = covariance.trace() / c;
  const squares = covariance.dot(covariance);
  const apart = squares - c * mu * mu;
  const noise = Math.min(apart, Math.max(0, fourths / n - squares) / n);
  // Nothing apart from mu * I: it is all there is to say.
  const share = apart > 0 ? noise / apart : 1;
  covariance.mul(1 - share);
  for (let i = 0; i < c; i++) covariance.set(i, i, covariance.get(i, i) + share * mu + RIDGE * mu + Number.EPSILON);
  return covariance;
}

/** Keeps a covariance invertible where features are copies of each other, as a share of the mean variance. */
const RIDGE = 1e-4;
