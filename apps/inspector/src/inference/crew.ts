import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DependencyError } from '#contracts';
import { countGpus } from '#model/runtime/find-runtimes';
import type { Choice, RuntimeChooser } from './choose-runtime.js';
import { devicesOf } from './crew-size.js';
import type { EncodedPicture, PictureResult } from './protocol.js';
import { type HostOptions, type ReadyModel, WorkerHost } from './worker-host.js';

/** Restarts allowed in this time (line contract, promise 6). */
const RESTARTS = 5;
const RESTART_WINDOW_MS = 60_000;
/** One batch computes while the next is already decoded: hides the way between the processes. */
const BATCHES_AT_A_WORKER = 2;

export interface CrewOptions
  extends Pick<HostOptions, 'modelDir' | 'cardSha256' | 'maxPixels' | 'batch' | 'timeoutMs'> {
  readonly modelId: string;
  /** Null: one for each core, or one for each GPU where the model computes on GPUs. */
  readonly workers: number | null;
  readonly runtimes: Pick<RuntimeChooser, 'choose' | 'forget'>;
  /** Told where the model computes, before its workers start. */
  readonly onChosen: (choice: Choice) => void;
  /** Told of every worker that died; the crew replaces it by itself. */
  readonly onWorkerLost: (error: DependencyError) => void;
  /** Told whenever work can be taken or the crew's health changed. */
  readonly onChange: () => void;
}

/** The worker processes of one model. */
export class Crew {
  readonly modelId: string;
  private model: ReadyModel | null = null;
  /** In memory: models that compute go on where their folder is away. Null before they are ready. */
  private golden: Uint8Array | null = null;
  private choice: Choice | null = null;
  private readonly hosts = new Set<WorkerHost>();
  private readonly restartsAt: number[] = [];
  /** What the last worker died of. */
  private lastLoss = '';
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly atWork = new Set<Promise<unknown>>();
  private readonly end = new AbortController();
  /** Monotonic ms of the last answer of a worker. */
  private answeredAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: CrewOptions) {
    this.modelId = options.modelId;
  }

  /** The model and where it computes; null before it is ready. */
  get ready(): ReadyModel | null {
    return this.model;
  }

  /** A worker can take frames. */
  get isAlive(): boolean {
    return this.live.length > 0;
  }

  /** Why nothing is inspected for now; null while at least one worker answers and the restart budget is not used up. */
  get trouble(): string | null {
    if (this.isBudgetSpent(performance.now()))
      return `Inference workers die again and again, the last: ${this.lastLoss}`;
    return this.live.length > 0 ? null : 'No inference worker is alive; another is being started.';
  }

  get pids(): number[] {
    return this.live.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** No worker has anything to do. */
  get isIdle(): boolean {
    return this.live.every(({ load }) => load === 0);
  }

  /** Batches that can be given out now without waiting behind more than one. */
  get room(): number {
    return this.live.reduce((sum, { load }) => sum + Math.max(0, BATCHES_AT_A_WORKER - load), 0);
  }

  /**
   * Choose where the model computes, and start a full crew there.
   * @param gently one worker after the other and behind those at work, which keep most of the machine
   * @throws InputError | DependencyError with the chooser's or the first worker's code when the model is refused; then
   *   nothing is left running
   */
  async start({ gently }: { readonly gently: boolean }): Promise<void> {
    const { runtimes, modelDir } = this.options;
    const { signal } = this.end;
    const choice = await runtimes.choose(modelDir, signal);
    try {
      await this.open(choice, gently);
    } catch (error) {
      if (choice.by !== 'memory' || signal.aborted) throw error;
      // What was the fastest then does not pass any more: look again.
      await runtimes.forget(choice);
      await this.open(await runtimes.choose(modelDir, signal), gently);
    }
    for (const host of this.hosts) this.watch(host);
  }

  private async open(choice: Choice, gently: boolean): Promise<void> {
    this.end.signal.throwIfAborted();
    const { runtime } = choice.place;
    this.choice = choice;
    this.options.onChosen(choice);
    const { workers } = this.options;
    const devices = devicesOf({ runtime, workers, cores: availableParallelism(), gpus: countGpus(runtime) });
    const hosts = devices.map((device) => this.hire(choice, device));
    try {
      // Each worker proves the model for itself: the same bytes may still meet a broken core.
      this.model = gently ? await startInTurn(hosts) : await startTogether(hosts);
      const [golden] = this.model?.card.golden ?? [];
      if (golden !== undefined) this.golden = await readFile(join(this.options.modelDir, golden.file));
    } catch (error) {
      await Promise.all(hosts.map((host) => host.stop()));
      this.hosts.clear();
      throw error;
    }
  }

  /** Give the batch to the worker with least to do. @throws DependencyError when that worker dies or stalls */
  score(pictures: readonly EncodedPicture[]): Promise<readonly PictureResult[]> {
    const [first, ...others] = this.live;
    if (first === undefined) throw new RangeError('expected a live worker');
    const host = others.reduce((least, other) => (other.load < least.load ? other : least), first);
    const results = host.score(pictures);
    this.atWork.add(results);
    const isDone = () => this.atWork.delete(results);
    void results.then(() => {
      this.answeredAt = performance.now();
      isDone();
    }, isDone);
    return results;
  }

  /**
   * A worker really computes: one answered within this time, or scores a golden picture now.
   * @throws DependencyError NO_INFERENCE, WORKER_DIED or WORKER_STALLED when none does
   */
  async prove(withinMs: number): Promise<void> {
    const { golden, isAlive, modelId } = this;
    if (performance.now() - this.answeredAt < withinMs) return;
    if (golden === null || !isAlive) throw new DependencyError('NO_INFERENCE', `No worker of model ${modelId} lives.`);
    const [result] = await this.score([{ bytes: golden, roi: null }]);
    if (result?.ok !== true)
      throw new DependencyError('NO_INFERENCE', `Model ${modelId} cannot score its golden picture.`);
  }

  /** Finishes what it was given, then ends its workers. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.atWork);
    this.end.abort();
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.all([...this.hosts].map((host) => host.stop()));
    this.hosts.clear();
  }

  private get live(): WorkerHost[] {
    return [...this.hosts].filter(({ isReady }) => isReady);
  }

  private hire({ place, engineDir }: Choice, device: number): WorkerHost {
    const { modelDir, maxPixels, batch, timeoutMs } = this.options;
    // Who comes later opens what the first ones proved.
    const cardSha256 = this.model?.cardSha256 ?? this.options.cardSha256;
    const host = new WorkerHost({ modelDir, cardSha256, maxPixels, batch, timeoutMs, place, engineDir, device });
    this.hosts.add(host);
    return host;
  }

  private watch(host: WorkerHost): void {
    void host.death.then((error) => {
      this.hosts.delete(host);
      if (this.end.signal.aborted) return;
      this.lose(error, host.device);
    });
  }

  private lose(error: DependencyError, device: number): void {
    this.lastLoss = error.message;
    this.options.onWorkerLost(error);
    this.replace(device);
  }

  private replace(device: number): void {
    const now = performance.now();
    const waitMs = this.isBudgetSpent(now) ? (this.restartsAt[0] ?? now) + RESTART_WINDOW_MS - now : 0;
    this.options.onChange();
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void this.restart(device);
    }, waitMs);
    this.timers.add(timer);
  }

  private async restart(device: number): Promise<void> {
    if (this.choice === null) return;
    this.restartsAt.push(performance.now());
    const host = this.hire(this.choice, device);
    try {
      await host.start({ gently: false });
    } catch (error) {
      this.hosts.delete(host);
      if (this.end.signal.aborted) return;
      this.lose(error as DependencyError, device);
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

async function startTogether(hosts: readonly WorkerHost[]): Promise<ReadyModel | null> {
  const [first] = await Promise.all(hosts.map((host) => host.start({ gently: false })));
  return first ?? null;
}

async function startInTurn(hosts: readonly WorkerHost[]): Promise<ReadyModel | null> {
  let model: ReadyModel | null = null;
  for (const host of hosts) model = await host.start({ gently: true });
  return model;
}
