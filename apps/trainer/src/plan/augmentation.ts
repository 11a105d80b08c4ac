import { z } from 'zod';

/** How one training picture becomes several. */
export const AUGMENTATION = {
  variants: z
    .array(z.enum(['plain', 'mirror', 'flip', 'turn']))
    .min(1)
    .default(['plain', 'mirror'])
    .describe('fixed views of each training picture: as is, left-right, upside down, turned by 180 degrees'),
};
