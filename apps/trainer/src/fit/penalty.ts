import type { Parameter } from '#model/train/parameters';

/** Factors of the penalty on the head's kernels, as Keras' `kernel_regularizer` has them. */
export interface Penalty {
  readonly l1: number;
  readonly l2: number;
}

/**
 * Add the gradient of `l1 * sum |w| + l2 * sum w^2` over the head's kernels. Unlike decoupled weight decay it goes
 * through the optimiser, as in the classic exercises. The reported loss is that of the data alone.
 */
export function addPenalty(
  gradient: Float32Array,
  part: {
    weights: Float32Array;
    parameters: readonly Parameter[];
    penalty: Penalty;
    /** Values `from` to `to` alone. */
    from: number;
    to: number;
  },
): void {
  const { weights, parameters, penalty, from, to } = part;
  const { l1, l2 } = penalty;
  if (l1 === 0 && l2 === 0) return;
  for (const { group, decays, offset, length } of parameters) {
    if (group !== 'head' || !decays) continue;
    for (let i = Math.max(offset, from); i < Math.min(offset + length, to); i++) {
      const weight = weights[i] as number;
      gradient[i] = (gradient[i] as number) + l1 * Math.sign(weight) + 2 * l2 * weight;
    }
  }
}
