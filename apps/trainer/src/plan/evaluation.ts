import { z } from 'zod';

/** What is done with a trained network before and after it is judged. */
export const EVALUATION = {
  report: z
    .strictObject({
      write: z.boolean().default(true).describe('report.html and report.json beside the model'),
      robustness: z
        .number()
        .int()
        .min(0)
        .max(100_000)
        .default(60)
        .describe('held-out pictures that are judged again under disturbances; 0 = none'),
    })
    .prefault({}),
  calibrate: z
    .boolean()
    .default(true)
    .describe('fit a temperature on validation, so that a score reads as a probability'),
};
