import { z } from 'zod';
import { POOLINGS } from '#model/head';
import { OPTIMISERS } from '../fit/optimiser.js';
import { DECAYS } from '../fit/schedule.js';
import { within } from './within.js';

/** Which weights a phase hands on. `certain`: its default. */
const keeping = ({ certain }: { certain: boolean }) => ({
  averaging: z
    .number()
    .min(0)
    .max(0.9999)
    .default(0)
    .describe('moving average of the weights over the steps: share that a step keeps; 0 = none'),
  keep: z
    .enum(['last', 'best'])
    .default('last')
    .describe('epoch whose weights are kept; last: unless it is worse than the best by more than stopping.tolerance'),
  stopping: z
    .strictObject({
      metric: z.enum(['loss', 'auroc', 'averagePrecision']).default('auroc').describe('on validation'),
      patience: z
        .number()
        .int()
        .min(1)
        .max(500)
        .nullable()
        .default(null)
        .describe('epochs without a better one after which the phase ends; null = all epochs'),
      tolerance: z.number().min(0).max(10).default(0.02).describe('in units of the metric'),
      certain: z
        .boolean()
        .default(certain)
        .describe('by auroc, also only where validation can tell the best epoch from the last (95 %)'),
    })
    .prefault({}),
});

const optimiser = z.enum(OPTIMISERS).default('adam').describe('sgd has a momentum of 0.9');
const decay = z.enum(DECAYS).default('cosine').describe('after the warm-up; exponential falls to a hundredth');

/** The two phases of transfer learning; the same `fit` runs both. */
const HeadPhase = z.strictObject({
  epochs: z.number().int().min(1).max(500).default(30).describe('passes over the cached embeddings'),
  optimiser,
  rate: within(1e-7, 1).default(1e-3).describe('learning rate (lr): peak step size of the head'),
  warmUp: z.number().min(0).max(0.9).default(0).describe('share of the steps in which the rate climbs to its peak'),
  decay,
  ...keeping({ certain: false }),
});

const FineTunePhase = z.strictObject({
  epochs: z
    .number()
    .int()
    .min(0)
    .max(200)
    .nullable()
    .default(null)
    .describe(
      'passes over the cached cut; 0 trains the head alone; null = 5, more where these are less than 120 steps',
    ),
  freeze: z
    .union([z.number().int().min(0), z.string()])
    .nullable()
    .default(null)
    .describe(
      'what stays frozen: the first so many layers of the list Keras has of the network, or all before the block named; null = what suits the network',
    ),
  optimiser,
  rate: within(1e-7, 1e-1).default(3e-4).describe('learning rate (lr): peak step size of the open blocks'),
  headRate: within(1e-7, 1).default(1e-3).describe('learning rate (lr): peak step size of the head'),
  layerDecay: within(0.1, 1).default(1).describe('rate of a block as a share of that of the block behind it'),
  groupRates: z
    .record(z.string(), within(0, 1))
    .default({})
    .describe('peak step sizes of single groups: head, top or names of blocks'),
  warmUp: z.number().min(0).max(0.9).default(0.3).describe('share of the steps in which rates climb to their peak'),
  decay,
  ...keeping({ certain: true }),
});

/** What learns, and how. */
export const LEARNING = {
  head: z
    .strictObject({
      pooling: z
        .enum(POOLINGS)
        .default('average')
        .describe('what the head reads of each channel of the last map: its mean, its peak, or both'),
      units: z.array(z.number().int().min(1).max(8192)).max(3).default([]).describe('hidden ReLU layers'),
      dropout: z.number().min(0).max(0.95).default(0.3).describe('share of the last hidden activations dropped'),
      l1: z.number().min(0).max(1).default(0).describe('penalty on the sum of |w| of the kernels'),
      l2: z.number().min(0).max(1).default(0).describe('penalty on the sum of w^2 of the kernels'),
    })
    .prefault({}),
  features: HeadPhase.prefault({}).describe('phase 1: the base frozen'),
  fineTune: FineTunePhase.prefault({}).describe('phase 2: the top blocks open'),
  batch: z.number().int().min(2).max(512).default(32).describe('pictures per step'),
  weightDecay: z.number().min(0).max(1).default(1e-4).describe('decoupled, as in AdamW'),
  labelSmoothing: z.number().min(0).max(0.5).default(0.05).describe('share of each target spread over all labels'),
  focalGamma: z.number().min(0).max(10).default(0).describe('exponent of focal loss; 0 = cross-entropy'),
  classWeights: z
    .enum(['balanced', 'none'])
    .default('balanced')
    .describe('balanced: good weighs as much as all defects'),
  sampling: z.enum(['natural', 'balanced']).default('natural').describe('balanced: half of every batch is good'),
  mixing: z
    .strictObject({
      kind: z.enum(['none', 'mixup', 'cutmix']).default('none').describe('on the cached features of a batch'),
      alpha: within(0.05, 4).default(0.2).describe('of the Beta distribution of the shares'),
      probability: z.number().min(0).max(1).default(0.5).describe('share of the pictures that are mixed'),
    })
    .prefault({}),
};
