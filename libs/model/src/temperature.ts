import type { Calibration } from './card.js';
import { OUTPUT_LAYER } from './head.js';
import type { StoredTensor } from './weights/safetensors.js';
import type { WeightMap } from './weights/weight-map.js';

/** What the network said of a picture it did not learn from, and the truth. */
export interface HeldOut {
  /** P(label), summing to 1: their logarithms are the logits up to a constant, which softmax does not see. */
  readonly probabilities: ArrayLike<number>;
  /** Index of the true label. */
  readonly label: number;
}

/** Temperatures looked at. At an end of this range the pictures would take any value further out as well. */
const RANGE = { low: 0.2, high: 5 };
/** Largest standard error, as a share of the temperature, at which validation still tells it. */
const UNSURE = 0.25;
/** A probability that float32 has rounded to zero. */
const LEAST = 1e-38;

/**
 * Temperature scaling (Guo et al., ICML 2017): the one number T for which softmax(logits / T) has the least
 * cross-entropy on held-out pictures. Ranking by one defect class stays as it is; a score then reads as a probability.
 * T is 1, with the reason, where the pictures do not tell it: none, told apart without a doubt, or too few.
 */
export function fitTemperature(pictures: readonly HeldOut[]): Calibration {
  const logits = pictures.map(({ probabilities, label }) => ({
    label,
    z: Array.from(probabilities, (p) => Math.log(Math.max(p, LEAST))),
  }));
  const lossAt = (beta: number) => logits.reduce((sum, { z, label }) => sum - logShare(z, beta, label), 0);
  const left = (reason: string): Calibration => {
    const loss = pictures.length === 0 ? null : lossAt(1) / pictures.length;
    return { temperature: 1, pictures: pictures.length, lossBefore: loss, lossAfter: loss, reason };
  };
  if (pictures.length === 0) return left('no held-out pictures');
  const beta = zeroOf((b) => logits.reduce((sum, one) => sum + momentsAt(one, b).slope, 0), {
    low: 1 / RANGE.high,
    high: 1 / RANGE.low,
  });
  if (beta === null)
    return left('held-out pictures are told apart without a doubt, or not at all: any temperature fits');
  const information = logits.reduce((sum, one) => sum + momentsAt(one, beta).variance, 0);
  const error = 1 / Math.sqrt(information) / beta;
  if (!(error <= UNSURE)) {
    return left(`${pictures.length} held-out pictures tell the temperature to ${Math.round(error * 100)} % only`);
  }
  return {
    temperature: 1 / beta,
    pictures: pictures.length,
    lossBefore: lossAt(1) / pictures.length,
    lossAfter: lossAt(beta) / pictures.length,
    reason: null,
  };
}

/** The same weights with the output layer's divided by the temperature: logits / T, in every graph made of them. */
export function foldTemperature(weights: WeightMap, temperature: number): Map<string, StoredTensor> {
  const folded = new Map(weights);
  for (const name of [`${OUTPUT_LAYER}/kernel`, `${OUTPUT_LAYER}/bias`]) {
    const own = weights.get(name);
    if (own !== undefined) folded.set(name, { ...own, data: own.data.map((value) => value / temperature) });
  }
  return folded;
}

interface Logits {
  readonly z: readonly number[];
  readonly label: number;
}

/** log softmax(beta z) at one label. */
function logShare(z: readonly number[], beta: number, label: number): number {
  const top = Math.max(...z) * beta;
  const sum = z.reduce((total, value) => total + Math.exp(value * beta - top), 0);
  return (z[label] ?? 0) * beta - top - Math.log(sum);
}

/** First and second derivative of the cross-entropy by beta: mean logit less the true one, and the logits' variance. */
function momentsAt({ z, label }: Logits, beta: number): { slope: number; variance: number } {
  const shares = z.map((_, i) => Math.exp(logShare(z, beta, i)));
  const mean = z.reduce((sum, value, i) => sum + value * (shares[i] ?? 0), 0);
  const variance = z.reduce((sum, value, i) => sum + (value - mean) ** 2 * (shares[i] ?? 0), 0);
  return { slope: mean - (z[label] ?? 0), variance };
}

/** Zero of a rising function by bisection; null where it has none between the ends. */
function zeroOf(rising: (x: number) => number, { low, high }: { low: number; high: number }): number | null {
  if (!(rising(low) < 0 && rising(high) > 0)) return null;
  let [from, to] = [low, high];
  for (let i = 0; i < 60; i++) {
    const middle = (from + to) / 2;
    if (rising(middle) < 0) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}
