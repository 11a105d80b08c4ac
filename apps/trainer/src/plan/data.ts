import { z } from 'zod';

/** Which pictures teach, which decide, which judge. */
export const DATA = {
  splitBy: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('column whose values stay on one side, or several as in lot+day; null = group, else lot, else part'),
  stratifyBy: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('column whose shares each side keeps, beside the classes'),
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
