import type { Parameter } from '#model/train/parameters';

/** How gradients become steps. Weight decay is decoupled in all of them: `adam` with decay is AdamW. */
export const OPTIMISERS = ['adam', 'sgd', 'rmsprop'] as const;

export interface OptimiserOptions {
  readonly kind: (typeof OPTIMISERS)[number];
  /** Peak step size of each parameter, in the parameters' order. */
  readonly rates: readonly number[];
  readonly weightDecay: number;
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

/**
 * Adam, SGD with momentum or RMSprop with decoupled weight decay (Loshchilov & Hutter, arXiv:1711.05101) on a flat
 * vector, a rate per parameter. Plain arithmetic in float64, stored as float32: the same on every backend.
 */
export class Optimiser {
  readonly #parameters: readonly Parameter[];
  readonly #options: OptimiserOptions;
  /** Mean of gradients, mean square or velocity, as the kind has it. */
  readonly #first: Float32Array;
  /** Adam's mean square; for the others the first again. */
  readonly #second: Float32Array;
  #steps = 0;

  constructor(parameters: readonly Parameter[], options: OptimiserOptions) {
    this.#parameters = parameters;
    this.#options = options;
    const length = parameters.reduce((sum, parameter) => sum + parameter.length, 0);
    this.#first = new Float32Array(length);
    this.#second = options.kind === 'adam' ? new Float32Array(length) : this.#first;
  }

  /** What the optimiser remembers of each value. */
  get moments(): readonly Float32Array[] {
    return [...new Set([this.#first, this.#second])];
  }

  /** Go on where another one stood. @param steps it had made */
  restore(moments: readonly Float32Array[], steps: number): void {
    for (const [i, moment] of this.moments.entries()) moment.set(moments[i] ?? []);
    this.#steps = steps;
  }

  /**
   * Move `weights` one step against `gradient`. @param factor on the peak rates, as the schedule says
   *
   * A plain loop: V8 makes the arithmetic 18 times as slow where an iterator or a destructured array stands around it.
   */
  step(weights: Float32Array, gradient: Float32Array, factor: number): void {
    this.#steps += 1;
    const { kind, rates, weightDecay } = this.#options;
    const move = MOVES[kind];
    const state = { weights, gradient, first: this.#first, second: this.#second, steps: this.#steps };
    for (let i = 0; i < this.#parameters.length; i++) {
      const { offset, length, decays, isOpen } = this.#parameters[i] as Parameter;
      if (!isOpen) continue;
      const rate = (rates[i] ?? 0) * factor;
      const keep = 1 - (decays ? rate * weightDecay : 0);
      move({ ...state, rate, keep, from: offset, to: offset + length });
    }
  }
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
  readonly steps: number;
}

function adam({ weights, gradient, first: mean, second: square, rate, keep, from, to, steps }: Move): void {
  const meanScale = 1 / (1 - BETA1 ** steps);
  const squareScale = 1 / (1 - BETA2 ** steps);
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
