import { canTellApart, type GroupedSample } from '#model/metrics-interval';

/** How the network does on pictures it does not learn from. */
export interface Validation {
  /** Unsmoothed cross-entropy over plain pictures, each by its worst tile. */
  readonly loss: number;
  readonly auroc: number;
  readonly averagePrecision: number;
}

/** Which epoch's weights a phase hands on, and when it ends early. */
export interface KeepRule {
  readonly keep: 'last' | 'best';
  /** Whether what the phase began with may be handed on: no where that is a head nobody trained. */
  readonly offersStart: boolean;
  readonly stopping: {
    readonly metric: keyof Validation;
    /** Epochs without a better one after which the phase ends; null = never. */
    readonly patience: number | null;
    /** With `keep: last`, a last epoch that is worse than the best by more than this has forgotten. */
    readonly tolerance: number;
    /** By AUROC, it has only where validation can tell the two apart: the best of many noisy looks is mostly luck. */
    readonly certain: boolean;
  };
}

/** Weights after an epoch; epoch 0 is what the phase began with. */
export interface Epoch {
  readonly weights: Float32Array;
  readonly epoch: number;
}

/** An epoch and what it is worth. */
export interface Kept extends Epoch {
  readonly validation: Validation;
  /** What it says of the pictures of validation, always in the same order. */
  readonly judged: readonly GroupedSample[];
}

/** Watches validation over the epochs of a phase: early stopping (Prechelt 1998) and forgetting. */
export class EpochKeeper<E extends Kept = Kept> {
  readonly #rule: KeepRule;
  #best: E;
  #last: E;

  /** @param best and `last`: the epoch before the first, or those of a phase that goes on */
  constructor(rule: KeepRule, { best, last }: { best: E; last: E }) {
    this.#rule = rule;
    this.#best = best;
    this.#last = last;
  }

  get best(): E {
    return this.#best;
  }

  get last(): E {
    return this.#last;
  }

  /** Take note of an epoch. The weights are not copied: they must not change any more. */
  offer(epoch: E): void {
    this.#last = epoch;
    const isFirst = this.#best.epoch === 0 && !this.#rule.offersStart;
    if (isFirst || this.#gain(epoch) > 0) this.#best = epoch;
  }

  /** True once patience is used up. */
  get isOver(): boolean {
    const { patience } = this.#rule.stopping;
    return patience !== null && this.#last.epoch - this.#best.epoch >= patience;
  }

  /** The epoch whose weights the phase hands on. */
  get kept(): E {
    if (this.#rule.keep === 'best') return this.#best;
    return this.#hasForgotten() ? this.#best : this.#last;
  }

  #hasForgotten(): boolean {
    const { metric, tolerance, certain } = this.#rule.stopping;
    if (this.#gain(this.#last) >= -tolerance) return false;
    return !certain || metric !== 'auroc' || canTellApart(this.#last.judged, this.#best.judged);
  }

  /** How much better than the best one an epoch is, in units of the metric. */
  #gain({ validation }: Kept): number {
    const { metric } = this.#rule.stopping;
    const gain = validation[metric] - this.#best.validation[metric];
    return metric === 'loss' ? -gain : gain;
  }
}
