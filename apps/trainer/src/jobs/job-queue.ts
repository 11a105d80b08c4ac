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
  /** Hears a job that was added or went into another state. */
  readonly onChange: (job: Job) => void;
  /** Hears a job whose process has said something. */
  readonly onProgress: (job: Job) => void;
  /** Hears what goes wrong while nobody waits for an answer. */
  readonly onError: (error: unknown) => void;
}

/**
 * Trainings one at a time, in the order they came: two at once would only take each other's cores. Every change is on
 * the disk before anybody hears of it.
 */
export class JobQueue {
  private readonly jobs = new Map<string, Job>();
  private readonly cancelled = new Set<string>();
  private running: { readonly id: string; readonly process: JobProcess; readonly over: Promise<void> } | null = null;
  private isStopping = false;

  constructor(private readonly options: JobQueueOptions) {}

  /** Take up the recorded jobs: what ran when the trainer ended has failed, what waited goes on waiting. */
  async start(): Promise<void> {
    for (const job of await this.options.files.load()) {
      this.jobs.set(job.id, job);
      if (job.state !== 'running') continue;
      const message = 'The trainer was ended while this job ran. Resume it.';
      await this.change(job, { state: 'failed', endedTs: timestamp(), error: { code: 'INTERRUPTED', message } });
    }
    await this.runNext();
  }

  /** End the running training and take no more. Waiting jobs stay on the disk and go on after the next start. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const running = this.running;
    if (running === null) return;
    await running.process.cancel(this.options.killAfterMs);
    await running.over;
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

  /** @throws DependencyError QUEUE_FULL, STOPPING, RUN_FOLDER */
  async add(request: TrainRequest): Promise<Job> {
    const waiting = [...this.jobs.values()].filter(({ state }) => state === 'queued').length;
    if (this.isStopping) throw new DependencyError('STOPPING', 'The trainer is stopping and takes no more jobs.');
    if (waiting >= this.options.maxQueued) {
      throw new DependencyError(
        'QUEUE_FULL',
        `${waiting} jobs are waiting already, at most ${this.options.maxQueued} may. Wait for one to end, or cancel one.`,
      );
    }
    const id = ulid();
    const [createdTs, none] = [timestamp(), null];
    const job: Job = {
      id,
      state: 'queued',
      request,
      createdTs,
      startedTs: none,
      endedTs: none,
      progress: none,
      modelId: none,
      error: none,
    };
    await this.change(job, {});
    await this.runNext();
    return this.find(id);
  }

  /**
   * End a job that waits or runs; resolves when it has ended.
   * @throws InputError JOB_UNKNOWN, JOB_ENDED
   */
  async cancel(id: string): Promise<Job> {
    const job = this.find(id);
    if (job.state === 'queued') return this.change(job, { state: 'cancelled', endedTs: timestamp() });
    if (job.state !== 'running' || this.running?.id !== id) {
      throw new InputError('JOB_ENDED', `Job ${id} has ended already (${job.state}): nothing to cancel.`);
    }
    this.cancelled.add(id);
    const { process, over } = this.running;
    await process.cancel(this.options.killAfterMs);
    await over;
    return this.find(id);
  }

  /**
   * Let a job that was cancelled or has failed wait again; it goes on after the last epoch it finished.
   * @throws InputError JOB_UNKNOWN, JOB_NOT_ENDED; DependencyError STOPPING
   */
  async resume(id: string): Promise<Job> {
    const job = this.find(id);
    if (this.isStopping) throw new DependencyError('STOPPING', 'The trainer is stopping and takes no more jobs.');
    if (job.state !== 'cancelled' && job.state !== 'failed') {
      throw new InputError('JOB_NOT_ENDED', `Job ${id} is ${job.state}: only a cancelled or failed one can go on.`);
    }
    const none = null;
    await this.change(job, { state: 'queued', startedTs: none, endedTs: none, progress: none, error: none });
    await this.runNext();
    return this.find(id);
  }

  /** @throws DependencyError RUN_FOLDER */
  private async runNext(): Promise<void> {
    const next = [...this.jobs.values()].find(({ state }) => state === 'queued');
    if (this.isStopping || this.running !== null || next === undefined) return;
    const { files, command, registry, cacheDir, weightsDir } = this.options;
    const { id, request } = next;
    const out = files.folderOf(id);
    const process = JobProcess.start({
      command,
      request,
      out,
      isResumed: files.hasCheckpoint(id),
      registry,
      cacheDir,
      weightsDir,
      onEvent: (event) => this.hear(id, event),
    });
    this.running = { id, process, over: process.ended.then((end) => this.close(id, end)) };
    await this.change(next, { state: 'running', startedTs: timestamp() });
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
    try {
      await this.change(job, { ...this.outcomeOf(job, end), endedTs: timestamp() });
      this.running = null;
      await this.runNext();
    } catch (error) {
      this.running = null;
      this.options.onError(error);
    }
  }

  private outcomeOf(job: Job, { exitCode, signal, lastWords }: JobEnd): Pick<Job, 'state' | 'error'> {
    if (this.cancelled.delete(job.id)) return { state: 'cancelled', error: null };
    if (this.isStopping) {
      const message = 'The trainer was stopped while this job ran. Resume it.';
      return { state: 'failed', error: { code: 'INTERRUPTED', message } };
    }
    if (exitCode === 0 && job.progress?.event === 'done') return { state: 'done', error: null };
    const how = signal === null ? `with exit code ${exitCode}` : `by ${signal}`;
    const message = `The training process ended ${how} and said why only in its log: ${lastWords || 'nothing'}`;
    const error = job.error ?? { code: 'TRAIN_CRASHED', message };
    return { state: exitCode === 2 ? 'refused' : 'failed', error };
  }

  private async change(job: Job, change: Partial<Job>): Promise<Job> {
    const changed = { ...job, ...change };
    // In memory first: whoever asks while the disk works must not start the same job twice.
    this.jobs.set(job.id, changed);
    await this.options.files.save(changed);
    this.options.onChange(changed);
    return changed;
  }
}

function timestamp(): string {
  return new Date().toISOString();
}
