import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import process from 'node:process';
import { DependencyError, type Place } from '#contracts';
import type { ModelCard } from '#model/card';
import { WORKER_FLAGS } from '../heap.js';
import { standBack } from './priority.js';
import {
  type EncodedPicture,
  type FromWorker,
  type OpenOrder,
  PICTURE_PIPE,
  type PictureResult,
  type ToWorker,
} from './protocol.js';
import { OPEN_TIMEOUT_MS } from './trial.js';

/** So many times longer may one take to open that computes with what others leave. */
const GENTLE_PATIENCE = 5;
/** Longest that a worker which has answered everything may take to end, ms: one that is stopped or stuck never would. */
const LEAVE_MS = 2_000;

const WORKER = new URL('./worker.js', import.meta.url);

export interface HostOptions extends Omit<OpenOrder, 'type'> {
  /** A batch not answered within this time means the worker stalls, ms. */
  readonly timeoutMs: number;
}

export interface ReadyModel {
  readonly card: ModelCard;
  readonly cardSha256: string;
  readonly place: Place;
}

interface Pending {
  readonly resolve: (results: readonly PictureResult[]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** The parent's side of one worker process. Once it died or was ended it stays dead; a crew starts another. */
export class WorkerHost {
  private child: ChildProcess | null = null;
  private pipe: Socket | null = null;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private isOpen = false;
  private onDeath: (error: DependencyError) => void = () => undefined;
  /** Resolves with the reason when the process is gone, whatever the reason. */
  readonly death = new Promise<DependencyError>((resolve) => {
    this.onDeath = resolve;
  });

  constructor(private readonly options: HostOptions) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Which GPU it computes on, counted from 0. */
  get device(): number {
    return this.options.device;
  }

  /** Batches at the worker now. */
  get load(): number {
    return this.pending.size;
  }

  /** Opened, proved and alive. */
  get isReady(): boolean {
    return this.isOpen;
  }

  /**
   * Fork, open the model, prove it.
   * @param gently with what workers that have frames leave of the processor
   * @throws DependencyError with the worker's code: MODEL_HASH, MODEL_MISSING, CARD_INVALID, GOLDEN_CHECK, RUNTIME_MISSING,
   *   PRECISION_MISSING, WORKER_DIED, WORKER_STALLED
   */
  async start({ gently }: { readonly gently: boolean }): Promise<ReadyModel> {
    const { timeoutMs: _, ...order } = this.options;
    const openMs = OPEN_TIMEOUT_MS[order.place.runtime] * (gently ? GENTLE_PATIENCE : 1);
    const child = fork(WORKER, {
      serialization: 'advanced',
      execArgv: [...process.execArgv, ...WORKER_FLAGS],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
    });
    this.child = child;
    const stepUp = gently && child.pid !== undefined ? standBack(child.pid) : null;
    this.pipe = child.stdio[PICTURE_PIPE] as Socket;
    this.pipe.on('error', (error) => this.bury('WORKER_DIED', `Inference worker takes no pictures: ${error.message}.`));
    child.once('exit', (code, signal) =>
      this.bury('WORKER_DIED', `Inference worker ${child.pid} ended (${signal ?? `code ${code}`}).`),
    );
    child.on('error', (error) => this.bury('WORKER_DIED', `Inference worker cannot be used: ${error.message}`));
    const ready = new Promise<ReadyModel>((resolve, reject) => {
      child.on('message', (message: FromWorker) => {
        if (message.type === 'ready') resolve(message);
        else if (message.type === 'scored') this.settle(message.id, message.results);
        else reject(new DependencyError(message.code, message.message));
      });
      void this.death.then(reject);
    });
    this.tell({ type: 'open', ...order });
    const timer = setTimeout(
      () => this.kill('WORKER_STALLED', `Inference worker did not open ${order.modelDir} in ${openMs} ms.`),
      openMs,
    );
    try {
      const model = await ready;
      stepUp?.();
      this.isOpen = true;
      return model;
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** @throws DependencyError WORKER_DIED or WORKER_STALLED; then the process is gone */
  score(pictures: readonly EncodedPicture[]): Promise<readonly PictureResult[]> {
    const { timeoutMs } = this.options;
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.kill('WORKER_STALLED', `Inference worker ${this.pid} gave no answer for ${timeoutMs} ms.`),
        timeoutMs,
      );
      this.pending.set(id, { resolve, reject, timer });
      this.tell({
        type: 'score',
        id,
        pictures: pictures.map(({ bytes: { byteLength }, roi }) => ({ byteLength, roi })),
      });
      for (const { bytes } of pictures) this.pipe?.write(bytes);
    });
  }

  /** Let it go when it has answered what it was asked. */
  async stop(): Promise<void> {
    const { child } = this;
    this.isOpen = false;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    if (child.connected) child.disconnect();
    else child.kill('SIGKILL');
    const impatience = setTimeout(() => child.kill('SIGKILL'), LEAVE_MS);
    await exit;
    clearTimeout(impatience);
  }

  private tell(message: ToWorker): void {
    this.child?.send(message, (error) => {
      if (error !== null) this.kill('WORKER_DIED', `Inference worker ${this.pid} cannot be reached: ${error.message}`);
    });
  }

  private settle(id: number, results: readonly PictureResult[]): void {
    const pending = this.pending.get(id);
    if (pending === undefined) return;
    this.pending.delete(id);
    clearTimeout(pending.timer);
    pending.resolve(results);
  }

  private kill(code: string, message: string): void {
    this.bury(code, message);
    this.child?.kill('SIGKILL');
  }

  private bury(code: string, message: string): void {
    const error = new DependencyError(code, `${message} A new one is started.`);
    this.isOpen = false;
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.pending.clear();
    this.onDeath(error);
  }
}
