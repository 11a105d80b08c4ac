import type { Parameter } from '#model/train/parameters';
import { addPenalty, type Penalty } from './penalty.js';

/** How gradients become steps. Weight decay is decoupled in all of them: `adam` with decay is AdamW. */
export const OPTIMISERS = ['adam', 'sgd', 'rmsprop'] as const;

export interface OptimiserOptions {
  readonly kind: (typeof OPTIMISERS)[number];
  /** Peak step size of each parameter, in the parameters' order. */
  readonly rates: readonly number[];
  readonly weightDecay: number;
  /** On the head, through the optimiser. */
  readonly penalty: Penalty;
}

/** What a step changes: flat vectors, laid out as the parameters. */
export interface Learnt {
  readonly weights: Float32Array;
  /** Each worker's own; the first takes their sum. */
  readonly gradients: readonly [Float32Array, ...Float32Array[]];
  /** What an optimiser remembers of each value: Adam's mean and mean square, for the others one of them. */
  readonly moments: readonly [Float32Array, Float32Array];
}

/** One step, or a part of it. */
export interface Step {
  /** On the peak rates, as the schedule says. */
  readonly factor: number;
  /** Steps made with it. */
  readonly count: number;
  /** Values `from` to `to` move, whichever parameters they belong to. */
  readonly from: number;
  readonly to: number;
}

// Kingma & Ba 2015, arXiv:1412.6980, section 2.
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
/** Sutskever et al. 2013; Nesterov's is not used. */
const MOMENTUM = 0.9;
/** Keras' defaults for RMSprop (Tieleman & Hinton 2012). */
const RMS_DECAY = 0.9;
const RMS_EPSILON = 1e-7;

/** How many moments an optimiser has: the second is Adam's alone. */
export function countMoments({ kind }: Pick<OptimiserOptions, 'kind'>): number {
  return kind === 'adam' ? 2 : 1;
}

/**
 * Sum a part of the workers' gradients, in worker order, and move that part of the weights one step against it: Adam, SGD
 * with momentum or RMSprop with decoupled weight decay (Loshchilov & Hutter, arXiv:1711.05101), a rate per parameter.
 * Plain arithmetic in float64, stored as float32: the same on every backend, in however many parts.
 *
 * Plain loops: V8 makes the arithmetic 18 times as slow where an iterator or a destructured array stands around it.
 */
export function moveWeights(
  parameters: readonly Parameter[],
  { kind, rates, weightDecay, penalty }: OptimiserOptions,
  { weights, gradients, moments, ...step }: Learnt & Step,
): void {
  const [gradient, ...others] = gradients;
  for (const other of others) addTo(gradient, other, step);
  addPenalty(gradient, { weights, parameters, penalty, ...step });
  const move = MOVES[kind];
  const state = { weights, gradient, first: moments[0], second: moments[1], count: step.count };
  for (let i = 0; i < parameters.length; i++) {
    const { offset, length, decays, isOpen } = parameters[i] as Parameter;
    if (!isOpen) continue;
    const rate = (rates[i] ?? 0) * step.factor;
    const keep = 1 - (decays ? rate * weightDecay : 0);
    move({ ...state, rate, keep, from: Math.max(offset, step.from), to: Math.min(offset + length, step.to) });
  }
}

function addTo(sum: Float32Array, values: Float32Array, { from, to }: Step): void {
  for (let i = from; i < to; i++) sum[i] = (sum[i] as number) + (values[i] as number);
}

/** One parameter's part of a step: values `from` to `to` of the flat vectors; `keep` is what decay leaves of a weight. */
interface Move {
  readonly weights: Float32Array;
  readonly gradient: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly rate: number;
  readonly keep: number;
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

function adam({ weights, gradient, first: mean, second: square, rate, keep, from, to, count }: Move): void {
  const meanScale = 1 / (1 - BETA1 ** count);
  const squareScale = 1 / (1 - BETA2 ** count);
  for (let i = from; i < to; i++) {
    const g = gradient[i] as number;
    const m = BETA1 * (mean[i] as number) + (1 - BETA1) * g;
    const v = BETA2 * (square[i] as number) + (1 - BETA2) * g * g;
    mean[i] = m;
    square[i] = v;
    const move = (m * meanScale) / (Math.sqrt(v * squareScale) + EPSILON);
    weights[i] = (weights[i] as number) * keep - rate * move;
  }
}

function sgd({ weights, gradient, first: velocity, rate, keep, from, to }: Move): void {
  for (let i = from; i < to; i++) {
    const v = MOMENTUM * (velocity[i] as number) + (gradient[i] as number);
    velocity[i] = v;
    weights[i] = (weights[i] as number) * keep - rate * v;
  }
}

function rmsprop({ weights, gradient, first: square, rate, keep, from, to }: Move): void {
  for (let i = from; i < to; i++) {
    const g = gradient[i] as number;
    const v = RMS_DECAY * (square[i] as number) + (1 - RMS_DECAY) * g * g;
    square[i] = v;
    weights[i] = (weights[i] as number) * keep - (rate * g) / (Math.sqrt(v) + RMS_EPSILON);
  }
}

const MOVES = { adam, sgd, rmsprop } as const;
