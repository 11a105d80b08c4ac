import { z } from 'zod';

/** A share with its two-sided 95 % limits (Clopper-Pearson); null where the denominator is zero. */
export const Share = z.object({ value: z.number().nullable(), low: z.number(), high: z.number() });
export type Share = z.infer<typeof Share>;

/** Confusion at the operating point. Positive = defective. INCONCLUSIVE counts as reject (in tp / fp) and is listed apart. */
export const AtThreshold = z.object({
  threshold: z.number(),
  greyZone: z.tuple([z.number(), z.number()]),
  tp: z.number().int(),
  fp: z.number().int(),
  tn: z.number().int(),
  fn: z.number().int(),
  inconclusive: z.number().int(),
  /** Of the inconclusive ones those that the guard does not know; absent where there was no guard. */
  unfamiliar: z.number().int().optional(),
  missRate: Share,
  overkill: Share,
});
export type AtThreshold = z.infer<typeof AtThreshold>;

/** Figures of one judged side as a card keeps them. `overkillAtRecall`: least share of good parts rejected at that recall. */
export const Evaluation = z.object({
  n: z.number().int(),
  positives: z.number().int(),
  auroc: z.number(),
  averagePrecision: z.number(),
  maxF1: z.number(),
  overkillAtRecall: z.object({ '0.95': z.number(), '0.99': z.number(), '1': z.number() }),
  atThreshold: AtThreshold,
});
export type Evaluation = z.infer<typeof Evaluation>;

/** A 95 % interval and the method that gave it. */
export const Interval = z.object({
  low: z.number(),
  high: z.number(),
  method: z.enum(['DeLong', 'Obuchowski', 'Newcombe', 'bootstrap']),
});
export type Interval = z.infer<typeof Interval>;

/** Misses and overkills of one class, group, lot or camera; an overkill here is every good picture that does not pass. */
export const Slice = z.object({
  by: z.enum(['class', 'group', 'lot', 'camera']),
  name: z.string(),
  defects: z.number().int(),
  goods: z.number().int(),
  missed: z.number().int(),
  overkill: z.number().int(),
  missRate: Share,
  overkillRate: Share,
  /** Of the slice; where it has one kind only, against all pictures of the other kind. */
  auroc: z.number().nullable(),
});
export type Slice = z.infer<typeof Slice>;

/** Mean score beside the share of defects, by bins of the score that hold pictures. */
export const Reliability = z.object({
  bins: z.array(
    z.object({ from: z.number(), to: z.number(), n: z.number().int(), meanScore: z.number(), defectShare: Share }),
  ),
  expectedCalibrationError: z.number(),
});
export type Reliability = z.infer<typeof Reliability>;

/**
 * What `lineside evaluate --json` writes: an evaluation and what stands behind it. Of pictures of one kind nothing can be
 * ranked: figures that need both are null, and there is no curve.
 */
export const Figures = Evaluation.extend({
  auroc: Evaluation.shape.auroc.nullable(),
  averagePrecision: Evaluation.shape.averagePrecision.nullable(),
  maxF1: Evaluation.shape.maxF1.nullable(),
  overkillAtRecall: Evaluation.shape.overkillAtRecall.nullable(),
  aurocInterval: Interval.nullable(),
  f1AtThreshold: z.number().nullable(),
  /** Independent groups of pictures; as many as pictures where each is a part of its own. */
  groups: z.number().int(),
  /** Verdicts by true label; `named`: the defect classes given to those that did not pass. */
  confusion: z.array(
    z.object({
      label: z.string(),
      PASS: z.number().int(),
      INCONCLUSIVE: z.number().int(),
      FAIL: z.number().int(),
      named: z.record(z.string(), z.number().int()).default({}),
    }),
  ),
  slices: z.array(Slice),
  reliability: Reliability,
  /** Pictures per equal bar of the score from 0 to 1. */
  histogram: z.object({ good: z.array(z.number().int()), defect: z.array(z.number().int()) }),
  /** ROC and precision-recall curve by falling threshold, thinned for a page. */
  curve: z.array(z.object({ score: z.number(), recall: z.number(), overkill: z.number(), precision: z.number() })),
});
export type Figures = z.infer<typeof Figures>;

/**
 * What `lineside replay --json` writes. `lost`: sent and no record; latency from publish to verdict received. What was
 * not sent stands in no other figure.
 */
export const ReplayReport = z.object({
  sent: z.number().int(),
  /** The broker was away when their turn came. */
  notSent: z.number().int(),
  verdicts: z.object({ PASS: z.number().int(), FAIL: z.number().int(), INCONCLUSIVE: z.number().int() }),
  /** Why nothing was decided: how many INCONCLUSIVE for each reason. */
  inconclusive: z.record(z.string(), z.number().int()),
  duplicates: z.number().int(),
  lost: z.number().int(),
  latencyMs: z.object({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() }),
  truth: z.object({ tp: z.number().int(), fp: z.number().int(), tn: z.number().int(), fn: z.number().int() }),
  /** AUROC of the recorded scores against the truth; null where a class is missing. */
  auroc: z.number().nullable(),
});
export type ReplayReport = z.infer<typeof ReplayReport>;
