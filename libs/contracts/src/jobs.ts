import { z } from 'zod';
import { TypedName } from './name.js';
import { TopicSegment } from './topics.js';
import { Timestamp } from './verdict.js';

/** What a training run is told; every word becomes an argument of its process. */
function trainRequestOf<Setting extends z.ZodType<string>>(word: z.ZodString, setting: Setting) {
  return z.strictObject({
    data: word.min(1),
    split: word.min(1).optional(),
    /** Names of the good class in the data; default `good`. */
    good: z.array(word.min(1)).min(1).optional(),
    /** Column that tells parts apart; `path` = every picture is a part of its own. */
    group: word.min(1).optional(),
    plan: word.min(1).optional(),
    /** Settings of the plan by dotted key, each as `--set` has it. */
    set: z.record(word, setting).default({}),
  });
}

/** No process takes a NUL. */
const Word = z.string().regex(/^\P{Cc}*$/u, 'expected no control characters');
/** A setting as programs write it: a text is YAML, as behind `--set`, and all else is JSON, which YAML reads. */
const Setting = z
  .union([Word, z.number(), z.boolean(), z.null(), z.array(z.unknown()), z.record(z.string(), z.unknown())])
  .transform((value, context) => {
    if (typeof value === 'string') return value;
    try {
      return JSON.stringify(value);
    } catch {
      context.addIssue({ code: 'custom', message: 'expected a value of a plan, got one that is nested too deep' });
      return z.NEVER;
    }
  });

/** Body of POST /api/jobs: one training run. Paths are on the trainer's own disk. */
export const TrainRequest = trainRequestOf(Word, Setting);
export type TrainRequest = z.infer<typeof TrainRequest>;

const Phase = z.enum(['features', 'fine-tune']);

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
    phase: Phase,
    epoch: z.number().int(),
    epochs: z.number().int(),
    loss: z.number(),
    validation: z
      .object({
        loss: z.number(),
        auroc: z.number().nullable(),
        /** null in runs of earlier versions. */
        averagePrecision: z.number().nullable().default(null),
      })
      .nullable(),
    ts: Timestamp,
  }),
  /** Whose weights a phase hands on, when it has ended. */
  z.object({
    event: z.literal('kept'),
    phase: Phase,
    /** From 1; 0 = the weights that the phase began with. */
    epoch: z.number().int(),
    /** Epochs that ran. */
    ran: z.number().int(),
    /** Because it is the last, or the best by this figure on validation. */
    by: z.enum(['last', 'loss', 'auroc', 'averagePrecision']),
    /** They are the moving average over the steps, which is what validation saw. */
    isAveraged: z.boolean(),
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
  /** As it was recorded: a record stays readable, whatever the door takes today. */
  request: trainRequestOf(z.string(), z.string()),
  createdTs: Timestamp,
  startedTs: Timestamp.nullable(),
  endedTs: Timestamp.nullable(),
  progress: TrainEvent.nullable(),
  modelId: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type Job = z.infer<typeof Job>;

/** Where the trainer's socket.io server listens. */
export const JOBS_PATH = '/jobs';

/** First message on the trainer's socket, event `snapshot`: every job, newest first. */
export const JobsSnapshot = z.object({ sequence: z.number().int(), jobs: z.array(Job) });
export type JobsSnapshot = z.infer<typeof JobsSnapshot>;

/** Every later message, event `delta`, numbered without holes: one job as it is now. A listener that sees a hole emits `resync`. */
export const JobsDelta = z.object({ sequence: z.number().int(), job: Job });
export type JobsDelta = z.infer<typeof JobsDelta>;

/** A person's name under a promotion, a rollback or a command. */
export const PersonName = TypedName;

/** Body of POST /api/models/{id}/promote. */
export const PromoteRequest = z.strictObject({ recipe: TopicSegment, by: PersonName });
export type PromoteRequest = z.infer<typeof PromoteRequest>;

/** Body of POST /api/recipes/{recipe}/rollback. */
export const RollbackRequest = z.strictObject({
  by: PersonName,
  /** The model the person has seen as active and wants to leave; refused when another one is active by now. */
  from: z.string().min(1).optional(),
});
export type RollbackRequest = z.infer<typeof RollbackRequest>;

/** Body of every HTTP error: `code` is an API, `message` is for a person. */
export const HttpProblem = z.object({ code: z.string(), message: z.string() });
export type HttpProblem = z.infer<typeof HttpProblem>;
