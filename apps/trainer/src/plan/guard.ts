import { z } from 'zod';

/** When a picture is too unlike training to be judged. */
export const GUARD = {
  guard: z
    .union([
      z.literal('off'),
      z.strictObject({
        falseAlarm: z
          .number()
          .min(0)
          .max(0.2)
          .default(0.005)
          .describe('share of familiar pictures that may be called unfamiliar'),
      }),
    ])
    .prefault({})
    .describe('against pictures unlike training; off = every picture is judged'),
};
