import type { Backbone } from '#model/backbones/backbone';
import type { BackendName } from '#model/backend/choose';
import type { Head } from '#model/head';
import type { Cut, InputSize } from '#model/network';
import type { StoreLayout } from './feature-store.js';
import type { Mix } from './mix.js';
import type { Learnt, OptimiserOptions, Step } from './optimiser.js';

/** What a worker needs to know before the first step. */
export interface Assignment {
  readonly backend: BackendName;
  readonly backbone: Backbone;
  readonly head: Head;
  readonly size: InputSize;
  readonly cut: Cut;
  /** Layers behind the cut that do not learn. */
  readonly frozen: readonly string[];
  /** Where the cached features lie. */
  readonly features: StoreLayout;
  /** Exponent of focal loss; default 0, which is plain cross-entropy. */
  readonly focalGamma?: number;
  /** Shared by all workers. Weights and moments are written while no gradient is computed. */
  readonly learnt: Learnt;
  /** Which of the gradients is this worker's own. */
  readonly own: number;
}

/** One worker's share of a batch. Arrays are laid out as in `Batch`. */
export interface Share {
  /** What is read: its pictures, and behind them those of other shares that they are mixed with. */
  readonly records: readonly number[];
  readonly targets: Float32Array;
  readonly weights: Float32Array;
  readonly mask: Float32Array;
  /** How its pictures are mixed, by the indices of `records`; null = not at all. */
  readonly mix: Mix | null;
}

/** One order, one answer. */
export type Order =
  | {
      readonly kind: 'gradient';
      readonly share: Share;
      /** Records of the share after it, to be read meanwhile. */
      readonly next: readonly number[];
    }
  | { readonly kind: 'move'; readonly optimiser: OptimiserOptions; readonly step: Step }
  | { readonly kind: 'predict'; readonly records: readonly number[] };

export type Answer =
  | { readonly kind: 'gradient'; readonly loss: number }
  | { readonly kind: 'move' }
  | { readonly kind: 'predict'; readonly probabilities: Float32Array };
