import { z } from 'zod';
import { Timestamp } from './verdict.js';

/** Body of POST /api/jobs: one training run. Paths are on the trainer's own disk. */
export const TrainRequest = z.strictObject({
  data: z.string().min(1),
  split: z.string().min(1).optional(),
  plan: z.string().min(1).optional(),
  set: z.record(z.string(), z.string()).default({}),
});
export type TrainRequest = z.infer<typeof TrainRequest>;

/** What a training process says while it runs; also the lines of `runs/<id>/metrics.jsonl`. */
export const TrainEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('step'), step: z.string(), text: z.string(), ts: Timestamp }),
  z.object({
    event: z.literal('progress'),
    step: z.string(),
    done: z.number(),
    total: z.number(),
    etaSeconds: z.number().nullable(),
    ts: Timestamp,
  }),
  z.object({
    event: z.literal('epoch'),
    phase: z.enum(['features', 'fine-tune']),
    epoch: z.number().int(),
    epochs: z.number().int(),
    loss: z.number(),
    validation: z.object({ loss: z.number(), auroc: z.number().nullable() }).nullable(),
    ts: Timestamp,
  }),
  z.object({ event: z.literal('done'), modelId: z.string().nullable(), out: z.string(), ts: Timestamp }),
  z.object({ event: z.literal('failed'), code: z.string(), message: z.string(), ts: Timestamp }),
]);
export type TrainEvent = z.infer<typeof TrainEvent>;

export const JobState = z.enum(['queued', 'running', 'done', 'failed', 'refused', 'cancelled']);
export type JobState = z.infer<typeof JobState>;

export const Job = z.object({
  id: z.string(),
  state: JobState,
  request: TrainRequest,
  createdTs: Timestamp,
  startedTs: Timestamp.nullable(),
  endedTs: Timestamp.nullable(),
  progress: TrainEvent.nullable(),
  modelId: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type Job = z.infer<typeof Job>;
