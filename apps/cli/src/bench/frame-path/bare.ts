import type { Preprocess } from '#model/card';

/** What a bare worker computes. */
export interface BareOrder {
  readonly kind: 'open';
  readonly graphFile: string;
  readonly input: string;
  readonly outputs: readonly string[];
  readonly preprocess: Preprocess;
  readonly frames: readonly string[];
}

export type ToBare = BareOrder | { readonly kind: 'run' } | { readonly kind: 'halt' };
export type FromBare =
  | { readonly kind: 'opened' }
  | { readonly kind: 'done'; readonly ms: readonly number[] }
  | { readonly kind: 'halted' }
  | { readonly kind: 'failed'; readonly message: string };
