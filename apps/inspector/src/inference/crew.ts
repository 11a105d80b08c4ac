import type { DependencyError } from '#contracts';
import type { EncodedPicture, PictureResult } from './protocol.js';
import { type HostOptions, type ReadyModel, WorkerHost } from './worker-host.js';

/** Restarts allowed in this time (line contract, promise 6). */
const RESTARTS = 5;
const RESTART_WINDOW_MS = 60_000;
/** One batch computes while the next is already decoded: hides the way between the processes. */
const BATCHES_AT_A_WORKER = 2;

export interface CrewOptions extends HostOptions {
  readonly modelId: string;
  readonly workers: number;
  /** Told of every worker that died; the crew replaces it by itself. */
  readonly onWorkerLost: (error: DependencyError) => void;
  /** Told whenever work can be taken or the crew's health changed. */
  readonly onChange: () => void;
}

/** The worker processes of one model. */
export class Crew {
  readonly modelId: string;
  private model: ReadyModel | null = null;
  private readonly hosts = new Set<WorkerHost>();
  private readonly restartsAt: number[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly atWork = new Set<Promise<unknown>>();
  private isStopped = false;

  constructor(private readonly options: CrewOptions) {
    this.modelId = options.modelId;
  }

  /** Card of the model; null before it is ready. */
  get ready(): ReadyModel | null {
    return this.model;
  }

  /** A worker can take frames. */
  get isAlive(): boolean {
    return this.live.length > 0;
  }

  /** At least one worker answers and the restart budget is not used up. */
  get isHealthy(): boolean {
    return this.live.length > 0 && !this.isBudgetSpent(performance.now());
  }

  get pids(): number[] {
    return this.live.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** Batches that can be given out now without waiting behind more than one. */
  get room(): number {
    return this.live.reduce((sum, { load }) => sum + Math.max(0, BATCHES_AT_A_WORKER - load), 0);
  }

  /** @throws DependencyError with the first worker's code when the model is refused; then nothing is left running */
  async start(): Promise<void> {
    const [first, ...others] = Array.from({ length: this.options.workers }, () => this.hire());
    if (first === undefined) return;
    try {
      // Each worker proves the model for itself: the same bytes may still meet a broken core.
      const models = await Promise.all([first.start(), ...others.map((host) => host.start())]);
      this.model = models[0];
    } catch (error) {
      await this.stop();
      throw error;
    }
    for (const host of this.hosts) this.watch(host);
  }

  /** Give the batch to the worker with least to do. @throws DependencyError when that worker dies or stalls */
  score(pictures: readonly EncodedPicture[]): Promise<readonly PictureResult[]> {
    const [first, ...others] = this.live;
    if (first === undefined) throw new RangeError('expected a live worker');
    const host = others.reduce((least, other) => (other.load < least.load ? other : least), first);
    const results = host.score(pictures);
    this.atWork.add(results);
    const isDone = () => this.atWork.delete(results);
    void results.then(isDone, isDone);
    return results;
  }

  /** Finishes what it was given, then ends its workers. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.atWork);
    this.isStopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.all([...this.hosts].map((host) => host.stop()));
    this.hosts.clear();
  }

  private get live(): WorkerHost[] {
    return [...this.hosts].filter(({ isReady }) => isReady);
  }

  private hire(): WorkerHost {
    const host = new WorkerHost(this.options);
    this.hosts.add(host);
    return host;
  }

  private watch(host: WorkerHost): void {
    void host.death.then((error) => {
      this.hosts.delete(host);
      if (this.isStopped) return;
      this.options.onWorkerLost(error);
      this.replace();
    });
  }

  private replace(): void {
    const now = performance.now();
    const waitMs = this.isBudgetSpent(now) ? (this.restartsAt[0] ?? now) + RESTART_WINDOW_MS - now : 0;
    this.options.onChange();
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void this.restart();
    }, waitMs);
    this.timers.add(timer);
  }

  private async restart(): Promise<void> {
    this.restartsAt.push(performance.now());
    const host = this.hire();
    try {
      await host.start();
    } catch (error) {
      this.hosts.delete(host);
      if (this.isStopped) return;
      this.options.onWorkerLost(error as DependencyError);
      this.replace();
      return;
    }
    this.watch(host);
    this.options.onChange();
  }

  private isBudgetSpent(now: number): boolean {
    while ((this.restartsAt[0] ?? now) < now - RESTART_WINDOW_MS) this.restartsAt.shift();
    return this.restartsAt.length >= RESTARTS;
  }
}
