import { z } from 'zod';
import { percent } from './percent.js';

const Probability = z.number().gt(0).lt(1);

/**
 * What an engineer asks of the threshold, one of three. `claim`: at most this share of the defects passes, stated with
 * this confidence. `overkill`: at most this share of the good validation pictures is rejected. `costs`: the least
 * expected cost of both errors, in any unit.
 */
export const Wish = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('claim'), missAtMost: Probability, confidence: Probability }),
  z.strictObject({ kind: z.literal('overkill'), rejectAtMost: z.number().min(0).lt(1) }),
  z.strictObject({ kind: z.literal('costs'), escapeCost: z.number().positive(), overkillCost: z.number().positive() }),
]);
export type Wish = z.infer<typeof Wish>;
export type Claim = Omit<Extract<Wish, { kind: 'claim' }>, 'kind'>;

/** A wish and what of the line it needs to know. */
export const Aim = z.strictObject({
  wish: Wish,
  /** Expected share of defective parts on the line; null = as in the validation pictures. */
  defectRate: Probability.nullable(),
  /** Of a thousand parts, how many a person can look at: they fill the grey zone. */
  reviewPerThousand: z.number().min(0).max(1000),
});
export type Aim = z.infer<typeof Aim>;

/**
 * What a model's threshold, or the limit of a one-class model, was set for.
 * @returns null for a model that says nothing of it
 */
export function wishOf({
  operatingReason,
  oneClass,
}: {
  readonly operatingReason: Pick<Aim, 'wish' | 'defectRate'> | null;
  readonly oneClass: { readonly overkill: number } | null;
}): Pick<Aim, 'wish' | 'defectRate'> | null {
  if (oneClass === null) return operatingReason;
  return { wish: { kind: 'overkill', rejectAtMost: oneClass.overkill }, defectRate: null };
}

/** A wish in the engineer's words. */
export function describeWish({ wish, defectRate }: Pick<Aim, 'wish' | 'defectRate'>): string {
  switch (wish.kind) {
    case 'claim':
      return `miss at most ${percent(wish.missAtMost)} of the defects, at ${percent(wish.confidence)} confidence`;
    case 'overkill':
      return `reject at most ${percent(wish.rejectAtMost)} of the good parts`;
    case 'costs': {
      const ratio = `an escape costs ${wish.escapeCost}, an overkill ${wish.overkillCost}`;
      const rate = defectRate === null ? '' : `, ${percent(defectRate)} of the parts are defective`;
      return `least expected cost: ${ratio}${rate}`;
    }
  }
}
