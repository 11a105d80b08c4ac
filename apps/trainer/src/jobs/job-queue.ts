import { ulid } from 'ulid';
import { DependencyError, InputError, type Job, type TrainEvent, type TrainRequest } from '#contracts';
import type { JobFiles } from './job-files.js';
import { type JobEnd, JobProcess, type TrainCommand } from './job-process.js';

export interface JobQueueOptions {
  readonly files: JobFiles;
  readonly command: TrainCommand;
  readonly registry: string;
  readonly cacheDir: string;
  readonly weightsDir: string;
  /** Jobs waiting at most, beside the one that runs. */
  readonly maxQueued: number;
  /** How long a cancelled run may take to end by itself. */
  readonly killAfterMs: number;
  /** How long a disk that refused a record is left alone; default a minute. */
  readonly retryMs?: number;
  /** Hears a job that was added or went into another state. */
  readonly onChange: (job: Job) => void;
  /** Hears a job whose process has said something. */
  readonly onProgress: (job: Job) => void;
  /** Hears what goes wrong while nobody waits for an answer. */
  readonly onError: (error: unknown) => void;
}

/** While the disk refuses records. Trainings take minutes, and each try that fails is a line in the log. */
const RETRY_MS = 60_000;

/**
 * Trainings one at a time, in the order they came: two at once would only take each other's cores. Every change is on
 * the disk before it is true and anybody hears of it; only the end of a process, which no disk can undo, is true at once
 * and recorded as soon as it can be. Changes take turns, so that none builds on one that the disk may still refuse.
 */
export class JobQueue {
  private readonly jobs = new Map<string, Job>();
  private readonly cancelled = new Set<string>();
  /** Ended jobs that the disk does not know as ended yet. */
  private readonly unrecorded = new Set<string>();
  private running: { readonly id: string; readonly process: JobProcess; readonly over: Promise<void> } | null = null;
  private lastTurn: Promise<unknown> = Promise.resolve();
  private retry: NodeJS.Timeout | null = null;
  private isStopping = false;

  constructor(private readonly options: JobQueueOptions) {}

  /**
   * Take up the recorded jobs: what ran when the trainer ended has failed, what waited goes on waiting.
   * @throws DependencyError RUNS_TAKEN, RUN_FOLDER; InputError JOB_RECORD
   */
  start(): Promise<void> {
    return this.inTurn(async () => {
      await this.options.files.take();
      for (const job of await this.options.files.load()) {
        this.jobs.set(job.id, job);
        if (job.state !== 'running') continue;
        const message = 'The trainer was ended while this job ran. Resume it.';
        await this.end(job, { state: 'failed', error: { code: 'INTERRUPTED', message } });
      }
      await this.runNext();
    });
  }

  /** End the running training and take no more; also after a start that failed. Waiting jobs stay on the disk and go on after the next start. */
  async stop(): Promise<void> {
    this.isStopping = true;
    if (this.retry !== null) clearTimeout(this.retry);
    const running = await this.inTurn(async () => this.running);
    await running?.process.cancel(this.options.killAfterMs);
    await running?.over;
    this.options.files.release();
  }

  /** Newest first. */
  list(): Job[] {
    return [...this.jobs.values()].reverse();
  }

  /** @throws InputError JOB_UNKNOWN */
  find(id: string): Job {
    const job = this.jobs.get(id);
    if (job !== undefined) return job;
    throw new InputError('JOB_UNKNOWN', `No job ${id}. GET /api/jobs lists those there are.`);
  }

  /** @throws InputError JOB_UNKNOWN */
  async events(id: string): Promise<TrainEvent[]> {
    return this.options.files.events(this.find(id).id);
  }

  /**
   * Whether jobs can be recorded now.
   * @throws DependencyError RUN_FOLDER
   */
  probe(): Promise<void> {
    return this.options.files.probe();
  }

  /** @throws DependencyError QUEUE_FULL, STOPPING, RUN_FOLDER: then there is no such job */
  add(request: TrainRequest): Promise<Job> {
    return this.inTurn(async () => {
      this.refuseWhileStopping();
      this.refuseWhileFull();
      const id = ulid();
      const fresh = { startedTs: null, endedTs: null, progress: null, modelId: null, error: null };
      await this.record({ id, state: 'queued', request, createdTs: timestamp(), ...fresh });
      await this.runNext();
      return this.find(id);
    });
  }

  /**
   * End a job that waits or runs; resolves when it has ended. One that has said its last word by then is done all the same.
   * @throws InputError JOB_UNKNOWN, JOB_ENDED; DependencyError RUN_FOLDER: then it goes on waiting
   */
  async cancel(id: string): Promise<Job> {
    const running = await this.inTurn(async () => {
      const job = this.find(id);
      if (job.state === 'queued') {
        await this.record({ ...job, state: 'cancelled', endedTs: timestamp() });
        return null;
      }
      if (this.running?.id !== id) {
        throw new InputError('JOB_ENDED', `Job ${id} has ended already (${job.state}): nothing to cancel.`);
      }
      this.cancelled.add(id);
      return this.running;
    });
    await running?.process.cancel(this.options.killAfterMs);
    await running?.over;
    return this.find(id);
  }

  /**
   * Let a job that was cancelled or has failed wait again; it goes on after the last epoch it finished.
   * @throws InputError JOB_UNKNOWN, JOB_NOT_ENDED; DependencyError QUEUE_FULL, STOPPING, RUN_FOLDER
   */
  resume(id: string): Promise<Job> {
    return this.inTurn(async () => {
      const job = this.find(id);
      this.refuseWhileStopping();
      if (job.state !== 'cancelled' && job.state !== 'failed') {
        throw new InputError('JOB_NOT_ENDED', `Job ${id} is ${job.state}: only a cancelled or failed one can go on.`);
      }
      this.refuseWhileFull();
      await this.record({ ...job, state: 'queued', startedTs: null, endedTs: null, progress: null, error: null });
      await this.runNext();
      return this.find(id);
    });
  }

  private refuseWhileStopping(): void {
    if (this.isStopping) throw new DependencyError('STOPPING', 'The trainer is stopping and takes no more jobs.');
  }

  private refuseWhileFull(): void {
    const waiting = this.list().filter(({ state }) => state === 'queued').length;
    if (waiting < this.options.maxQueued) return;
    throw new DependencyError(
      'QUEUE_FULL',
      `${waiting} jobs are waiting already, at most ${this.options.maxQueued} may. Wait for one to end, or cancel one.`,
    );
  }

  /** Start what waits longest, where nothing runs. A disk that refuses leaves it waiting. */
  private async runNext(): Promise<void> {
    const next = [...this.jobs.values()].find(({ state }) => state === 'queued');
    if (this.isStopping || this.running !== null || next === undefined) return;
    try {
      await this.record({ ...next, state: 'running', startedTs: timestamp() });
    } catch (error) {
      return this.tryLater(error);
    }
    const { files, command, registry, cacheDir, weightsDir } = this.options;
    const { id, request } = next;
    const process = JobProcess.start({
      command,
      request,
      out: files.folderOf(id),
      isResumed: files.hasCheckpoint(id),
      registry,
      cacheDir,
      weightsDir,
      onEvent: (event) => this.hear(id, event),
    });
    const over = process.ended.then((end) => this.inTurn(() => this.close(id, end)));
    this.running = { id, process, over };
  }

  /** Progress is kept in memory and told at once; what matters of it is in the run's own files. */
  private hear(id: string, event: TrainEvent): void {
    const job = { ...this.find(id), progress: event };
    if (event.event === 'done') job.modelId = event.modelId;
    if (event.event === 'failed') job.error = { code: event.code, message: event.message };
    this.jobs.set(id, job);
    this.options.onProgress(job);
  }

  private async close(id: string, end: JobEnd): Promise<void> {
    const job = this.find(id);
    this.running = null;
    await this.end(job, this.outcomeOf(job, end));
    await this.runNext();
  }

  private async end(job: Job, outcome: Pick<Job, 'state' | 'error'>): Promise<void> {
    const ended = { ...job, ...outcome, endedTs: timestamp() };
    try {
      await this.record(ended);
    } catch (error) {
      this.unrecorded.add(job.id);
      this.tell(ended);
      this.tryLater(error);
    }
  }

  private outcomeOf(job: Job, { exitCode, signal, lastWords }: JobEnd): Pick<Job, 'state' | 'error'> {
    const isCancelled = this.cancelled.delete(job.id);
    // The last word of a run: its model is there, whoever ended the process after it.
    if (job.progress?.event === 'done') return { state: 'done', error: null };
    if (isCancelled) return { state: 'cancelled', error: null };
    if (this.isStopping) {
      const message = 'The trainer was stopped while this job ran. Resume it.';
      return { state: 'failed', error: { code: 'INTERRUPTED', message } };
    }
    const how = signal === null ? `with exit code ${exitCode}` : `by ${signal}`;
    const message = `The training process ended ${how} and said why only in its log: ${lastWords || 'nothing'}`;
    const error = job.error ?? { code: 'TRAIN_CRASHED', message };
    return { state: exitCode === 2 ? 'refused' : 'failed', error };
  }

  /** @throws DependencyError RUN_FOLDER: then nothing has changed */
  private async record(job: Job): Promise<void> {
    await this.options.files.save(job);
    this.unrecorded.delete(job.id);
    this.tell(job);
  }

  private tell(job: Job): void {
    this.jobs.set(job.id, job);
    this.options.onChange(job);
  }

  private tryLater(error: unknown): void {
    this.options.onError(error);
    if (this.isStopping || this.retry !== null) return;
    this.retry = setTimeout(() => {
      this.retry = null;
      void this.inTurn(() => this.catchUp());
    }, this.options.retryMs ?? RETRY_MS);
  }

  private async catchUp(): Promise<void> {
    for (const id of this.unrecorded) {
      await this.options.files.save(this.find(id)).then(
        () => this.unrecorded.delete(id),
        (error: unknown) => this.tryLater(error),
      );
    }
    await this.runNext();
  }

  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.lastTurn.then(act);
    this.lastTurn = turn.catch(() => undefined);
    return turn;
  }
}

function timestamp(): string {
  return new Date().toISOString();
}
