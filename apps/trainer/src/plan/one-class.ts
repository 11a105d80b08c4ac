import { z } from 'zod';

/** What is learned: telling defects from good pictures, or good pictures alone. */
export const ONE_CLASS = {
  mode: z.enum(['classifier', 'one-class']).default('classifier').describe('one-class learns from good pictures alone'),
  oneClass: z
    .strictObject({
      overkill: z.number().min(0.0001).max(0.5).default(0.02).describe('share of good pictures that may be rejected'),
      patches: z.number().int().min(1).max(10_000).default(500).describe('good patches that are remembered'),
    })
    .prefault({}),
};
