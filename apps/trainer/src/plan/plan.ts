import { z } from 'zod';
import { BACKENDS } from '#model/backend/choose';
import { AUGMENTATION } from './augmentation.js';
import { DATA } from './data.js';
import { EVALUATION } from './evaluation.js';
import { GUARD } from './guard.js';
import { LEARNING } from './learning.js';
import { ONE_CLASS } from './one-class.js';
import { OPERATING_POINT } from './operating-point.js';
import { PICTURE } from './picture.js';
import { PRECISION } from './precision.js';

export const Preset = z.enum(['standard', 'classic', 'fast', 'best']);

const Said = z.strictObject({
  preset: Preset.default('standard').describe('what stands under the rest'),
  weights: z
    .string()
    .default('efficientnet-lite0-imagenet')
    .describe('pretrained weights, see `lineside weights list`'),
  ...PICTURE,
  ...AUGMENTATION,
  ...LEARNING,
  ...OPERATING_POINT,
  ...GUARD,
  ...ONE_CLASS,
  ...DATA,
  ...PRECISION,
  ...EVALUATION,
  seed: z.number().int().min(0).max(2_147_483_647).default(1).describe('of all random choices'),
  backend: z
    .enum(['auto', ...BACKENDS])
    .default('auto')
    .describe('what computes gradients; auto = the first that works'),
  workers: z
    .number()
    .int()
    .min(1)
    .max(64)
    .nullable()
    .default(null)
    .describe('that share a batch; null = what the backend wants, one per core on a CPU; 1 on a GPU'),
});

/** How to train: every choice of a run. The card keeps it, so that the run can be repeated. */
export const Plan = Said.superRefine(({ mode, folds }, context) => {
  if (mode !== 'one-class' || folds === null) return;
  const message = 'expected null with mode one-class: where good pictures alone are learnt nothing is cross-validated';
  context.addIssue({ code: 'custom', path: ['folds'], message });
});
export type Plan = z.infer<typeof Plan>;

export type PlanInput = z.input<typeof Plan>;
