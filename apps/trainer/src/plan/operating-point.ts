import { z } from 'zod';
import type { Aim, Wish } from '#model/wish';

const Said = z.strictObject({
  missAtMost: z
    .number()
    .gt(0)
    .lt(1)
    .nullable()
    .default(null)
    .describe('claim: at most this share of the defects passes, by the exact one-sided limit on validation'),
  confidence: z.number().min(0.5).lt(1).default(0.95).describe('of the claim'),
  rejectAtMost: z
    .number()
    .min(0)
    .lt(1)
    .nullable()
    .default(null)
    .describe('fixed overkill: at most this share of the good validation pictures is rejected'),
  escapeCost: z.number().positive().nullish().describe('cost of a defect passed, in units of one overkill'),
  overkillCost: z.number().positive().nullish().describe('cost of a good part rejected'),
  defectRate: z
    .number()
    .gt(0)
    .lt(1)
    .nullable()
    .default(null)
    .describe('expected share of defective parts on the line; null = as in validation'),
  reviewPerThousand: z
    .number()
    .min(0)
    .max(500)
    .default(20)
    .describe('parts in a thousand that a person can look at: the grey zone'),
});

const COSTS = { escapeCost: 10, overkillCost: 1 };

/** What the threshold is to keep: one wish, said by the keys that are its own. */
export const OPERATING_POINT = {
  operatingPoint: Said.superRefine((said, context) => {
    const wishes = wishesIn(said);
    if (wishes.length < 2) return;
    const message = `expected one wish, got ${wishes.join(' and ')}: a claim (missAtMost), a fixed overkill (rejectAtMost) or costs (escapeCost, overkillCost). null takes one away`;
    context.addIssue({ code: 'custom', message });
  })
    .transform((said) => {
      const isCosts = said.missAtMost === null && said.rejectAtMost === null;
      const { escapeCost, overkillCost } = isCosts ? COSTS : { escapeCost: null, overkillCost: null };
      return {
        ...said,
        escapeCost: said.escapeCost ?? escapeCost,
        overkillCost: said.overkillCost ?? overkillCost,
      };
    })
    .prefault({}),
};
type OperatingPointPlan = z.infer<(typeof OPERATING_POINT)['operatingPoint']>;

function wishesIn({ missAtMost, rejectAtMost, escapeCost, overkillCost }: z.infer<typeof Said>): string[] {
  return [
    ...(missAtMost === null ? [] : ['a claim']),
    ...(rejectAtMost === null ? [] : ['a fixed overkill']),
    ...(escapeCost == null && overkillCost == null ? [] : ['costs']),
  ];
}

const KINDS = ['missAtMost', 'rejectAtMost', 'escapeCost', 'overkillCost'] as const;

/** True where the new words name a wish of another kind than the plan has. */
export function isOtherWish(plan: OperatingPointPlan, said: Readonly<Record<string, unknown>>): boolean {
  return KINDS.some((key) => said[key] != null && plan[key] === null);
}

/** The plan's words as the choice of an operating point takes them. */
export function aimOf({ defectRate, reviewPerThousand, ...said }: OperatingPointPlan): Aim {
  return { wish: wishOf(said), defectRate, reviewPerThousand };
}

function wishOf({
  missAtMost,
  confidence,
  rejectAtMost,
  escapeCost,
  overkillCost,
}: Omit<OperatingPointPlan, 'defectRate' | 'reviewPerThousand'>): Wish {
  if (missAtMost !== null) return { kind: 'claim', missAtMost, confidence };
  if (rejectAtMost !== null) return { kind: 'overkill', rejectAtMost };
  return {
    kind: 'costs',
    escapeCost: escapeCost ?? COSTS.escapeCost,
    overkillCost: overkillCost ?? COSTS.overkillCost,
  };
}
