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
  missRate: Share,
  overkill: Share,
});
export type AtThreshold = z.infer<typeof AtThreshold>;

/** What `lineside evaluate --json` writes. `overkillAtRecall`: least share of good parts rejected at that recall. */
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

/** What `lineside replay --json` writes. `lost`: sent and no record; latency from publish to verdict received. */
export const ReplayReport = z.object({
  sent: z.number().int(),
  verdicts: z.object({ PASS: z.number().int(), FAIL: z.number().int(), INCONCLUSIVE: z.number().int() }),
  duplicates: z.number().int(),
  lost: z.number().int(),
  latencyMs: z.object({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() }),
  truth: z.object({ tp: z.number().int(), fp: z.number().int(), tn: z.number().int(), fn: z.number().int() }),
  /** AUROC of the recorded scores against the truth; null where a class is missing. */
  auroc: z.number().nullable(),
});
export type ReplayReport = z.infer<typeof ReplayReport>;
