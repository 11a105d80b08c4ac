import { z } from 'zod';

/** What an error costs on the line, from which the threshold follows. */
export const OPERATING_POINT = {
  operatingPoint: z
    .strictObject({
      escapeCost: z.number().positive().default(10).describe('cost of a defect passed, in units of one overkill'),
      overkillCost: z.number().positive().default(1),
      greyShare: z
        .number()
        .min(0)
        .max(0.5)
        .default(0.02)
        .describe('largest share of validation pictures in the grey zone'),
    })
    .prefault({}),
};
