import { z } from 'zod';

/** Graphs beside fp32. */
export const PRECISION = {
  precision: z
    .strictObject({
      make: z
        .array(z.enum(['fp16', 'int8']))
        .refine((made) => new Set(made).size === made.length, { error: 'expected each precision once' })
        .default(['fp16', 'int8'])
        .describe('written beside fp32'),
      allowance: z
        .strictObject({
          missed: z.number().int().min(0).default(0).describe('defects more than fp32 misses on validation'),
          overkill: z
            .number()
            .min(0)
            .max(1)
            .default(0)
            .describe('share of the good pictures rejected more than by fp32'),
        })
        .prefault({}),
    })
    .prefault({}),
};
