import { z } from 'zod';
import { Evaluation, Region, Timestamp } from '#contracts';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * How bytes become the network's input; identical in training and on the line. Steps in order: orientation, ROI, resize
 * by the policy to a canvas of all tiles, cut into tiles. The graph itself takes uint8 NHWC RGB and holds the
 * normalisation.
 */
export const Preprocess = z.strictObject({
  /** Size the upright frame must have; null accepts any. A frame that does not fit is IMAGE_SIZE. */
  frame: z.strictObject({ width: z.number().int().positive(), height: z.number().int().positive() }).nullable(),
  /** Region of interest in pixels of the upright frame; null = whole frame. A recipe may override it per camera. */
  roi: Region.nullable(),
  /** Columns x rows of equal tiles over the ROI, each of the resize's size; the frame's score is its worst tile. */
  tiles: z.strictObject({ columns: z.number().int().min(1).max(8), rows: z.number().int().min(1).max(8) }),
  resize: z.strictObject({
    width: z.number().int().min(32).max(1024),
    height: z.number().int().min(32).max(1024),
    policy: z.enum(['squash', 'letterbox', 'crop']),
    kernel: z.enum(['nearest', 'linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3']),
  }),
});
export type Preprocess = z.infer<typeof Preprocess>;

/** The threshold and its grey zone, chosen on validation. score >= threshold is a defect; inside the zone nobody decides. */
export const OperatingPoint = z.strictObject({
  threshold: z.number().min(0).max(1),
  greyZone: z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]),
});
export type OperatingPoint = z.infer<typeof OperatingPoint>;

/** Everything a line and an auditor need to know of one trained model. It alone repeats the run. */
export const ModelCard = z.strictObject({
  schema: z.literal('lineside.card/1'),
  id: z.string().min(1),
  createdTs: Timestamp,
  /** Order = order of the graph's outputs. `good` names which of them is the good class. */
  labels: z.array(z.string()).min(2),
  good: z.string(),
  preprocess: Preprocess,
  operatingPoint: OperatingPoint,
  graph: z.strictObject({
    file: z.string(),
    precision: z.literal('fp32'),
    /** uint8 [n, height, width, 3] RGB. */
    input: z.string(),
    /** Names of the graph's outputs: probabilities [n, classes], feature map [n, h, w, c], embedding [n, c]. */
    outputs: z.strictObject({ probabilities: z.string(), featureMap: z.string(), embedding: z.string() }),
  }),
  /** Golden samples: encoded pictures in the artefact with their certified defect scores (1 - P(good)). */
  golden: z.array(z.strictObject({ file: z.string(), score: z.number() })).min(1),
  /** Fresh-process comparison of the exported graph with the trainer's own scores. */
  certification: z.strictObject({
    pictures: z.number().int(),
    maxDifference: z.number(),
    flips: z.number().int(),
    runtime: z.string(),
  }),
  metrics: z.strictObject({ validation: Evaluation, test: Evaluation.nullable() }),
  data: z.strictObject({
    fingerprint: Sha256,
    pictures: z.record(z.string(), z.record(z.string(), z.number().int())),
  }),
  plan: z.record(z.string(), z.unknown()),
  seed: z.number().int(),
  backend: z.strictObject({ name: z.string(), threads: z.number().int(), reproducible: z.enum(['bit', 'tolerance']) }),
  base: z.strictObject({
    backbone: z.string(),
    weights: z.string(),
    sha256: Sha256,
    licence: z.string(),
    origin: z.string(),
  }),
  /** sha256 over all trained tensors in layer order: equal seeds, backends and threads give equal hashes on CPU. */
  weightsSha256: Sha256,
  versions: z.record(z.string(), z.string()),
  /** Every other file of the artefact by path, with its hash. */
  files: z.record(z.string(), Sha256),
});
export type ModelCard = z.infer<typeof ModelCard>;
