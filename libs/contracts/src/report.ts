import { z } from 'zod';
import { Figures, Share } from './figures.js';
import { TrainEvent } from './jobs.js';
import { Timestamp } from './verdict.js';

/** How the model does on the same pictures under one disturbance of one strength. */
export const Condition = z.object({
  kind: z.enum(['as it is', 'blur', 'noise', 'exposure', 'jpeg', 'shift']),
  /** In words and units, as in `2 px` or `quality 30`. */
  strength: z.string(),
  /** null where the pictures are of one kind. */
  auroc: z.number().nullable(),
  missed: z.number().int(),
  overkill: z.number().int(),
  missRate: Share,
  overkillRate: Share,
});
export type Condition = z.infer<typeof Condition>;

export const Robustness = z.object({
  defects: z.number().int(),
  goods: z.number().int(),
  /** The undisturbed pictures first. */
  conditions: z.array(Condition),
});
export type Robustness = z.infer<typeof Robustness>;

/** One of the pictures that the model finds hardest. */
export const HardPicture = z.object({
  path: z.string(),
  label: z.string(),
  score: z.number(),
  verdict: z.enum(['PASS', 'FAIL', 'INCONCLUSIVE']),
  isWrong: z.boolean(),
  /** The tile that decided, from 1, and of how many. */
  tile: z.number().int(),
  ofTiles: z.number().int(),
});
export type HardPicture = z.infer<typeof HardPicture>;

type EpochEvent = Extract<TrainEvent, { event: 'epoch' }>;
type KeptEvent = Extract<TrainEvent, { event: 'kept' }>;

/** `report.json`: what `report.html` shows, for programs. */
export const Report = z.object({
  schema: z.literal('lineside.report/1'),
  modelId: z.string(),
  createdTs: Timestamp,
  /** Pictures that were judged; `val` where the data has no test side, and then the figures flatter. */
  subset: z.enum(['train', 'val', 'test', 'all']),
  /** Pictures that were not judged because the model learnt them or chose by them. */
  leftOut: z.number().int(),
  figures: Figures,
  /** What the model's training said against it, null where the model does not keep that; and what there is to say of these pictures. */
  doubts: z.object({ training: z.array(z.string()).nullable(), pictures: z.array(z.string()) }),
  /** Epochs as the run told them; empty where its events are not at hand. */
  epochs: z.array(z.custom<EpochEvent>((value) => TrainEvent.safeParse(value).success)),
  /** Which epoch of each phase was kept, as the run told it; empty where it did not. */
  kept: z.array(z.custom<KeptEvent>((value) => TrainEvent.safeParse(value).success)).default([]),
  /** null where none was asked for. */
  robustness: Robustness.nullable(),
  hardest: z.array(HardPicture),
});
export type Report = z.infer<typeof Report>;

const Judgement = z.object({ score: z.number(), verdict: z.enum(['PASS', 'FAIL', 'INCONCLUSIVE']) });

/** b less a, with its 95 % limits from pairs; null of too few groups. `isNoise`: there are none, or they hold zero. */
const Difference = z.object({
  a: z.number(),
  b: z.number(),
  difference: z.number(),
  limits: z.object({ low: z.number(), high: z.number() }).nullable(),
  isNoise: z.boolean(),
});

/** Pictures on which one model alone errs. `p`: exact McNemar by groups, two-sided; `isNoise`: 0.05 or more. */
const Discordant = z.object({
  onlyA: z.number().int(),
  onlyB: z.number().int(),
  both: z.number().int(),
  of: z.number().int(),
  /** Groups in which A errs on more pictures than B, and the other way round: what `p` rests on. */
  againstA: z.number().int(),
  againstB: z.number().int(),
  p: z.number(),
  isNoise: z.boolean(),
});

/** What is said of two models that judged the same pictures, each at its own operating point. */
export const PairedFigures = z.object({
  n: z.number().int(),
  groups: z.number().int(),
  /** Groups with defects or groups with good pictures, whichever are fewer. */
  fewestGroups: z.number().int(),
  auroc: Difference,
  averagePrecision: Difference,
  misses: Discordant,
  overkills: Discordant,
});
export type PairedFigures = z.infer<typeof PairedFigures>;

/** What `lineside compare --json` writes. */
export const Comparison = PairedFigures.extend({
  schema: z.literal('lineside.comparison/1'),
  a: z.string(),
  b: z.string(),
  subset: z.enum(['train', 'val', 'test', 'all']),
  /** Pictures that were not judged because one of the two learnt them or chose by them. */
  leftOut: z.number().int(),
  /** What there is to say against these pictures. */
  doubts: z.array(z.string()),
  /** Pictures with different verdicts: defects first, of each kind those that one model alone passes. */
  disagreements: z.array(
    z.object({ path: z.string(), label: z.string(), isDefect: z.boolean(), a: Judgement, b: Judgement }),
  ),
});
export type Comparison = z.infer<typeof Comparison>;
