import type { Parameter } from '#model/train/parameters';

/** Step sizes of one step, by group. */
export interface Rates {
  readonly base: number;
  readonly head: number;
}

// Kingma & Ba 2015, arXiv:1412.6980, section 2.
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter, arXiv:1711.05101) on a flat vector, a rate per group.
 * Plain arithmetic in float64, stored as float32: the same on every backend.
 */
export class AdamW {
  readonly #parameters: readonly Parameter[];
  readonly #weightDecay: number;
  readonly #mean: Float32Array;
  readonly #square: Float32Array;
  #steps = 0;

  constructor(parameters: readonly Parameter[], options: { length: number; weightDecay: number }) {
    this.#parameters = parameters;
    this.#weightDecay = options.weightDecay;
    this.#mean = new Float32Array(options.length);
    this.#square = new Float32Array(options.length);
  }

  /** Move `weights` one step against `gradient`. */
  step(weights: Float32Array, gradient: Float32Array, rates: Rates): void {
    this.#steps += 1;
    const meanScale = 1 / (1 - BETA1 ** this.#steps);
    const squareScale = 1 / (1 - BETA2 ** this.#steps);
    const [mean, square] = [this.#mean, this.#square];
    for (const { offset, length, group, decays, isOpen } of this.#parameters) {
      if (!isOpen) continue;
      const rate = rates[group];
      const keep = 1 - (decays ? rate * this.#weightDecay : 0);
      for (let i = offset; i < offset + length; i++) {
        const g = gradient[i] as number;
        const m = BETA1 * (mean[i] as number) + (1 - BETA1) * g;
        const v = BETA2 * (square[i] as number) + (1 - BETA2) * g * g;
        mean[i] = m;
        square[i] = v;
        const move = (m * meanScale) / (Math.sqrt(v * squareScale) + EPSILON);
        weights[i] = (weights[i] as number) * keep - rate * move;
      }
    }
  }
}
