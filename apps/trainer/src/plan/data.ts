import { z } from 'zod';

/** Which pictures teach, which decide, which judge. */
export const DATA = {
  validationShare: z
    .number()
    .min(0.05)
    .max(0.5)
    .default(0.2)
    .describe('of train, by group, where the split names none'),
  folds: z
    .number()
    .int()
    .min(2)
    .max(20)
    .nullable()
    .default(null)
    .describe('cross-validation before the training itself, by group, on all pictures but test; null = none'),
  leaks: z
    .enum(['refuse', 'allow'])
    .default('refuse')
    .describe('one picture, or its copy however re-encoded, turned or mirrored, on two sides of a given split'),
  testShare: z.number().min(0.05).max(0.5).default(0.2).describe('of all, by group, where there is no split'),
};
