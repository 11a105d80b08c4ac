import { z } from 'zod';
import { BACKENDS } from '#model/backend/choose';
import { AUGMENTATION } from './augmentation.js';
import { DATA } from './data.js';
import { EVALUATION } from './evaluation.js';
import { GUARD } from './guard.js';
import { LEARNING } from './learning.js';
import { OPERATING_POINT } from './operating-point.js';
import { PICTURE } from './picture.js';
import { PRECISION } from './precision.js';

export const Preset = z.enum(['standard', 'classic', 'fast']);

/** How to train: every choice of a run. The card keeps it, so that the run can be repeated. */
export const Plan = z.strictObject({
  preset: Preset.default('standard'),
  weights: z
    .string()
    .default('efficientnet-lite0-imagenet')
    .describe('pretrained weights, see `lineside weights list`'),
  ...PICTURE,
  ...AUGMENTATION,
  ...LEARNING,
  ...OPERATING_POINT,
  ...GUARD,
  ...DATA,
  ...PRECISION,
  ...EVALUATION,
  seed: z.number().int().min(0).max(2_147_483_647).default(1),
  backend: z.enum(['auto', ...BACKENDS]).default('auto'),
  workers: z.number().int().min(1).max(64).nullable().default(null).describe('null = what the backend wants'),
});
export type Plan = z.infer<typeof Plan>;

export type PlanInput = z.input<typeof Plan>;
