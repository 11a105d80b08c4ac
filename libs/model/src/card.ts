import { z } from 'zod';
import { Evaluation, PRECISIONS, type Precision, Region, Timestamp } from '#contracts';
import { Aim } from './wish.js';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export { PRECISIONS, type Precision };

/** One number per channel: red, green, blue. */
const PerChannel = z.tuple([z.number(), z.number(), z.number()]);

/**
 * What the network reads: (rgb - mean) / std with rgb in 0..255. It is inside the ONNX files; whoever runs the tfjs
 * files applies it.
 */
export const Normalise = z.strictObject({ mean: PerChannel, std: PerChannel });
export type Normalise = Readonly<z.infer<typeof Normalise>>;

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

const Count = z.number().int().min(0);
const Fraction = z.number().min(0).max(1);

/**
 * What one set of judged pictures shows of a wish. The limits are one-sided and exact (Clopper-Pearson), each with this
 * confidence. `standing`: `shown` the limit is within the wish; `refuted` even the limit from below is above it; `open`
 * neither, the set is too small to tell; null for costs, which promise nothing.
 */
export const Reached = z.strictObject({
  confidence: z.number(),
  missed: Count,
  defects: Count,
  missLimit: z.number(),
  rejected: Count,
  goods: Count,
  overkillLimit: z.number(),
  standing: z.enum(['shown', 'open', 'refuted']).nullable(),
});
export type Reached = z.infer<typeof Reached>;

/** Why the operating point is where it is: what was wished, what the pictures show of it, and both in plain words. */
export const OperatingReason = Aim.extend({
  reached: z.strictObject({ validation: Reached, test: Reached.nullable() }),
  /** Where nine in ten other draws of the validation parts would have put the threshold; null where they do not tell. */
  spread: z.tuple([z.number(), z.number()]).nullable().default(null),
  words: z.string(),
});
export type OperatingReason = z.infer<typeof OperatingReason>;

/** Limits of pictures a verdict may rest on, learnt from good pictures; measured on what the network reads. */
export const ImageGate = z.strictObject({
  /** Variance of the luma's Laplacian, in squared levels. */
  leastSharpness: z.number().min(0),
  /** Shares of pixels without detail. */
  mostDark: Fraction,
  mostBright: Fraction,
  /** Good pictures. */
  learntFrom: Count,
});
export type ImageGate = z.infer<typeof ImageGate>;

/** What stands beside the classifier: a picture further from training than the limit is UNFAMILIAR, whatever its score. */
export const Guard = z.strictObject({
  /** Graph output with the distance, [n, 1]; 1 is an ordinary training picture. */
  output: z.string(),
  /** A larger distance is unfamiliar. */
  limit: z.number().positive(),
  /** Share of familiar pictures that may lie beyond the limit, as the plan asked. */
  falseAlarm: z.number().min(0).max(1),
  /** Training pictures that set the limit, each measured by a fit that had not seen its group; and how many lay beyond. */
  heldOut: z.strictObject({ pictures: Count, groups: Count, beyond: Count }),
});
export type Guard = z.infer<typeof Guard>;

/** How a graph was compared in a fresh process: fp32 with the trainer's own network, others with fp32. */
export const Certification = z.strictObject({
  pictures: Count,
  /** Largest difference of a defect score. */
  maxDifference: z.number(),
  flips: Count,
  runtime: z.string(),
});
export type Certification = z.infer<typeof Certification>;

const Measured = z.strictObject({
  precision: z.enum(PRECISIONS),
  /** Defects passed and good pictures rejected on the whole validation side, at the operating point. */
  missed: Count,
  overkill: Count,
  /** Median milliseconds of one picture, with all its tiles, in the network alone: batch 1, one thread, on the machine that exported it. */
  msPerPicture: z.number().positive(),
  certification: Certification,
});

/** One graph of the model. A refused one stays listed with its reason; its file is not in the artefact. */
export const PrecisionEntry = z.discriminatedUnion('accepted', [
  Measured.extend({ accepted: z.literal(true), file: z.string(), reason: z.null() }),
  Measured.partial().extend({
    precision: z.enum(PRECISIONS),
    accepted: z.literal(false),
    file: z.null(),
    reason: z.string().min(1),
  }),
]);
export type PrecisionEntry = z.infer<typeof PrecisionEntry>;
export type AcceptedPrecision = Extract<PrecisionEntry, { accepted: true }>;

/** Quantiles 0, 1/20 … 1 of a set of defect scores, rising. */
export const SCORE_QUANTILES = 21;
const OfGood = z.strictObject({ count: Count.min(1), quantiles: z.array(Fraction).length(SCORE_QUANTILES) });
export type GoodScores = Readonly<z.infer<typeof OfGood>>;

/** How a model of good pictures alone got its threshold: without defects nothing can be said of misses. */
export const OneClass = z.strictObject({
  /** Share of good pictures that may be rejected, as the plan asked. */
  overkill: Fraction,
  /** Good pictures that set the threshold, each measured by a memory without its group; and how many are rejected. */
  heldOut: z.strictObject({ pictures: Count, groups: Count, beyond: Count }),
  /** Good pictures of validation, which had no part in it, and how many of them are rejected. */
  validation: z.strictObject({ pictures: Count, rejected: Count }),
  /** Patches that are remembered. */
  patches: Count,
});
export type OneClass = z.infer<typeof OneClass>;

/**
 * Something that a training says against its own model, for whoever trusts it. `about`: the `data` it was given; how it was
 * `learnt`, which stays true of its weights wherever the threshold moves; the `threshold`, and what the guard rejects.
 */
export const Doubt = z.strictObject({ about: z.enum(['data', 'learnt', 'threshold']), words: z.string().min(1) });
export type Doubt = Readonly<z.infer<typeof Doubt>>;

/** One number for each accepted precision. */
const PerPrecision = z.strictObject({ fp32: z.number(), fp16: z.number().optional(), int8: z.number().optional() });

/** The temperature that is folded into the output layer, and what it did to the cross-entropy on validation. */
export const Calibration = z.strictObject({
  /** 1 = scores as they came out of training. */
  temperature: z.number().positive(),
  pictures: Count,
  lossBefore: z.number().nullable(),
  lossAfter: z.number().nullable(),
  /** Why no temperature was fitted; null where one was. */
  reason: z.string().nullable(),
});
export type Calibration = z.infer<typeof Calibration>;

const Fields = z.strictObject({
  schema: z.literal('lineside.card/2'),
  id: z.string().min(1),
  createdTs: Timestamp,
  /** Order = order of the graph's outputs. `good` names which of them is the good class. */
  labels: z.array(z.string()).min(2),
  good: z.string(),
  preprocess: Preprocess,
  operatingPoint: OperatingPoint,
  /** Null where nothing was learnt: then every picture that can be decoded is judged. */
  imageGate: ImageGate.nullable().default(null),
  /** Scores of validation's good pictures: a line that scores otherwise has drifted. Null where nobody kept them. */
  goodScores: OfGood.nullable().default(null),
  /** null in cards of models trained before they said it. */
  operatingReason: OperatingReason.nullable().default(null),
  /** null: every picture is judged. */
  guard: Guard.nullable().default(null),
  /** In the order they were said; null in cards of models trained before cards kept them. */
  doubts: z.array(Doubt).nullable().default(null),
  /** null in models that were not asked to calibrate. */
  calibration: Calibration.nullable().default(null),
  graph: z.strictObject({
    /** uint8 [n, height, width, 3] RGB. */
    input: z.string(),
    /** Names of the graph's outputs: probabilities [n, classes], feature map [n, h, w, c], embedding [n, c]. */
    outputs: z.strictObject({ probabilities: z.string(), featureMap: z.string(), embedding: z.string() }),
    normalise: Normalise,
  }),
  /** fp32 first and always accepted; then the others that the plan asked for. */
  precisions: z.array(PrecisionEntry).min(1),
  /**
   * Golden samples: encoded pictures in the artefact with their certified defect score (1 - P(good)) per precision, and
   * their distance where the model has a guard.
   */
  golden: z
    .array(z.strictObject({ file: z.string(), scores: PerPrecision, distances: PerPrecision.optional() }))
    .min(1),
  /** Set where the model learned from good pictures alone; then validation and test have figures only where they hold defects. */
  oneClass: OneClass.nullable().default(null),
  metrics: z.strictObject({ validation: Evaluation.nullable(), test: Evaluation.nullable() }),
  data: z.strictObject({
    fingerprint: Sha256,
    pictures: z.record(z.string(), z.record(z.string(), z.number().int())),
    /** Pairs that are one picture on two sides, which the plan allowed; absent where there are none. */
    leaks: Count.optional(),
  }),
  plan: z.record(z.string(), z.unknown()),
  seed: z.number().int(),
  backend: z.strictObject({ name: z.string(), threads: z.number().int(), reproducible: z.enum(['bit', 'tolerance']) }),
  base: z.strictObject({
    backbone: z.string(),
    /** Library whose construction of the network the weights fit. */
    variant: z.string(),
    weights: z.string(),
    sha256: Sha256,
    licence: z.string(),
    origin: z.string(),
  }),
  /** Model whose operating point was moved: both have the same weights. Null where this one was trained. */
  derivedFrom: z.string().nullable().default(null),
  /** sha256 over all trained tensors in layer order: equal seeds, backends and threads give equal hashes on CPU. */
  weightsSha256: Sha256,
  versions: z.record(z.string(), z.string()),
  /** Every other file of the artefact by path, with its hash. */
  files: z.record(z.string(), Sha256),
});

/** Everything a line and an auditor need to know of one trained model. It alone repeats the run. */
export const ModelCard = Fields.superRefine((card, context) => {
  for (const message of contradictions(card)) context.addIssue({ code: 'custom', message });
});
export type ModelCard = z.infer<typeof ModelCard>;

/** The graphs a card offers, fp32 first. */
export function acceptedPrecisions({ precisions }: Pick<ModelCard, 'precisions'>): AcceptedPrecision[] {
  return precisions.filter((entry) => entry.accepted);
}

function contradictions({ precisions, golden, guard }: z.infer<typeof Fields>): string[] {
  const problems: string[] = [];
  const names = precisions.map(({ precision }) => precision);
  if (names[0] !== 'fp32' || precisions[0]?.accepted !== true)
    problems.push('its first precision is not fp32, accepted');
  if (new Set(names).size < names.length) problems.push(`a precision is listed twice: ${names.join(', ')}`);
  for (const { precision } of acceptedPrecisions({ precisions })) {
    const without = golden.filter(({ scores }) => scores[precision] === undefined).map(({ file }) => file);
    if (without.length > 0) problems.push(`golden ${without.join(', ')} has no certified ${precision} score`);
    const unmeasured = golden.filter(({ distances }) => distances?.[precision] === undefined).map(({ file }) => file);
    if (guard !== null && unmeasured.length > 0)
      problems.push(`golden ${unmeasured.join(', ')} has no certified ${precision} distance`);
  }
  return problems;
}
