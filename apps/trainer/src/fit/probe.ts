import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { shuffle } from '#model/shuffle';

export interface ProbeRequest {
  /** Embeddings, one behind the other. */
  readonly values: Float32Array;
  /** Numbers of one embedding. */
  readonly width: number;
  /** Places of the embeddings to learn from. */
  readonly rows: readonly number[];
  /** Class of every embedding, 0 to `classes` - 1. */
  readonly labels: readonly number[];
  readonly classes: number;
  readonly seed: number;
}

/** Gives the probabilities of the classes for the embedding at a place. */
export type Probe = (row: number) => Float64Array;

const BATCH = 32;
/** Pictures seen in all, within bounds on the passes: enough for a linear layer to settle. */
const SEEN = 60_000;
const RATE = 2e-3;
const DECAY = 1e-2;
/** Adam's own defaults (Kingma and Ba, 2015). */
const [FIRST, SECOND, TINY] = [0.9, 0.999, 1e-8];

/**
 * Fit multinomial logistic regression on standardised embeddings: Adam with decoupled weight decay, classes weighing
 * alike. The same request gives the same probe.
 */
export function fitProbe(request: ProbeRequest): Probe {
  const { values, width, rows, labels, classes, seed } = request;
  const { mean, scale } = spreadOf(request);
  const size = classes * (width + 1);
  const [weights, gradient, first, second] = [0, 1, 2, 3].map(() => new Float64Array(size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const input = new Float64Array(width);
  const predict: Probe = (row) => {
    for (let i = 0; i < width; i += 1)
      input[i] = ((values[row * width + i] as number) - (mean[i] as number)) * (scale[i] as number);
    return softmax(
      Float64Array.from({ length: classes }, (_, c) => {
        const from = c * (width + 1);
        let sum = weights[from + width] as number;
        for (let i = 0; i < width; i += 1) sum += (weights[from + i] as number) * (input[i] as number);
        return sum;
      }),
    );
  };
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(labels[row] as number, (counts.get(labels[row] as number) ?? 0) + 1);
  const random = xoroshiro128plus(seed);
  let order = rows;
  const epochs = Math.max(5, Math.min(200, Math.ceil(SEEN / rows.length)));
  const steps = epochs * Math.ceil(rows.length / BATCH);
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    order = shuffle(order, random);
    for (let from = 0; from < order.length; from += BATCH) {
      const batch = order.slice(from, from + BATCH);
      gradient.fill(0);
      for (const row of batch) {
        const label = labels[row] as number;
        const weight = rows.length / (counts.size * (counts.get(label) ?? 1)) / batch.length;
        const probabilities = predict(row);
        for (let c = 0; c < classes; c += 1) {
          const slope = weight * ((probabilities[c] as number) - (c === label ? 1 : 0));
          const at = c * (width + 1);
          for (let i = 0; i < width; i += 1)
            gradient[at + i] = (gradient[at + i] as number) + slope * (input[i] as number);
          gradient[at + width] = (gradient[at + width] as number) + slope;
        }
      }
      step += 1;
      const rate = RATE * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
      const corrected = (rate * Math.sqrt(1 - SECOND ** step)) / (1 - FIRST ** step);
      for (let i = 0; i < size; i += 1) {
        const slope = gradient[i] as number;
        first[i] = FIRST * (first[i] as number) + (1 - FIRST) * slope;
        second[i] = SECOND * (second[i] as number) + (1 - SECOND) * slope * slope;
        const move = (corrected * (first[i] as number)) / (Math.sqrt(second[i] as number) + TINY);
        weights[i] = (weights[i] as number) * (1 - rate * DECAY) - move;
      }
    }
  }
  return predict;
}

export interface FoldedRequest extends Omit<ProbeRequest, 'rows'> {
  /** Fold of every embedding. */
  readonly folds: readonly number[];
  /** Places of the embeddings to learn from; others are judged alone. */
  readonly taught: readonly number[];
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Judge every embedding by a probe that has learned from the other folds alone.
 * @returns probabilities of the classes, in the embeddings' order
 */
export function probeOutOfFold({ folds, taught, onProgress, ...request }: FoldedRequest): Float64Array[] {
  const opinions: Float64Array[] = [];
  const names = [...new Set(folds)];
  for (const [done, fold] of names.entries()) {
    const predict = fitProbe({ ...request, rows: taught.filter((row) => folds[row] !== fold) });
    for (const [row, own] of folds.entries()) if (own === fold) opinions[row] = predict(row);
    onProgress?.(done + 1, names.length);
  }
  return opinions;
}

function spreadOf({ values, width, rows }: ProbeRequest): { mean: Float64Array; scale: Float64Array } {
  const [sum, squares] = [new Float64Array(width), new Float64Array(width)];
  for (const row of rows) {
    for (let i = 0; i < width; i += 1) {
      const value = values[row * width + i] as number;
      sum[i] = (sum[i] as number) + value;
      squares[i] = (squares[i] as number) + value * value;
    }
  }
  const mean = sum.map((total) => total / rows.length);
  const scale = squares.map((total, i) => {
    const deviation = Math.sqrt(Math.max(0, total / rows.length - (mean[i] as number) ** 2));
    return deviation > 0 ? 1 / deviation : 0;
  });
  return { mean, scale };
}

function softmax(logits: Float64Array): Float64Array {
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
