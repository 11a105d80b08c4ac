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
  const spread = spreadOf(request);
  const adam = adamOf(classes * (width + 1));
  const { weights, gradient } = adam;
  const input = new Float64Array(width);
  const predict: Probe = (row) => {
    standardise(values.subarray(row * width, (row + 1) * width), spread, input);
    const logits = new Float64Array(classes);
    for (let c = 0; c < classes; c += 1) logits[c] = logitOf(weights, c * (width + 1), input);
    return softmax(logits);
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
          addSlope(gradient, c * (width + 1), { slope, input });
        }
      }
      step += 1;
      move(adam, { step, rate: RATE * 0.5 * (1 + Math.cos((Math.PI * step) / steps)) });
    }
  }
  return predict;
}

// Plain loops in functions of their own: where closures stand around them V8 takes half as long again.

interface Spread {
  readonly mean: Float64Array;
  readonly scale: Float64Array;
}

function standardise(values: Float32Array, { mean, scale }: Spread, into: Float64Array): void {
  for (let i = 0; i < into.length; i += 1)
    into[i] = ((values[i] as number) - (mean[i] as number)) * (scale[i] as number);
}

/** Of a class whose weights begin at a place, its bias behind them. */
function logitOf(weights: Float64Array, at: number, input: Float64Array): number {
  let sum = weights[at + input.length] as number;
  for (let i = 0; i < input.length; i += 1) sum += (weights[at + i] as number) * (input[i] as number);
  return sum;
}

function addSlope(
  gradient: Float64Array,
  at: number,
  { slope, input }: { readonly slope: number; readonly input: Float64Array },
): void {
  for (let i = 0; i < input.length; i += 1)
    gradient[at + i] = (gradient[at + i] as number) + slope * (input[i] as number);
  gradient[at + input.length] = (gradient[at + input.length] as number) + slope;
}

interface Adam {
  readonly weights: Float64Array;
  readonly gradient: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

function adamOf(size: number): Adam {
  const zeros = () => new Float64Array(size);
  return { weights: zeros(), gradient: zeros(), first: zeros(), second: zeros() };
}

function move(
  { weights, gradient, first, second }: Adam,
  { step, rate }: { readonly step: number; readonly rate: number },
): void {
  const corrected = (rate * Math.sqrt(1 - SECOND ** step)) / (1 - FIRST ** step);
  for (let i = 0; i < weights.length; i += 1) {
    const slope = gradient[i] as number;
    const mean = FIRST * (first[i] as number) + (1 - FIRST) * slope;
    const square = SECOND * (second[i] as number) + (1 - SECOND) * slope * slope;
    first[i] = mean;
    second[i] = square;
    weights[i] = (weights[i] as number) * (1 - rate * DECAY) - (corrected * mean) / (Math.sqrt(square) + TINY);
  }
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

function spreadOf({ values, width, rows }: ProbeRequest): Spread {
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
