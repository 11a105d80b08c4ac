import { availableParallelism } from 'node:os';
import { InvariantError } from '#contracts/errors';
import { AskedThread } from './asked-thread.js';
import { joinOutputs, type Outputs, partsOf } from './batch-parts.js';
import './no-telemetry.js';
import { assertBatch, type ModelSession, type PictureBatch } from './session.js';

/** What a thread opens. */
export interface ThreadTask {
  /** Path of a `.onnx` file, or its bytes. */
  readonly graph: string | Uint8Array;
  /** Cores that one run of it may use. */
  readonly threads: number;
  readonly outputs?: readonly string[];
}

export type ThreadOrder =
  | { readonly kind: 'describe' }
  | { readonly kind: 'run'; readonly batch: PictureBatch }
  | { readonly kind: 'close' };

export type ThreadAnswer =
  | { readonly kind: 'opened'; readonly runtime: string; readonly outputs: readonly string[] }
  | { readonly kind: 'done'; readonly outputs: Outputs }
  | { readonly kind: 'closed' };

type Thread = AskedThread<ThreadOrder, ThreadAnswer>;

/** Sessions at most: each holds the weights once more and the maps of a batch. With more cores each run uses several. */
const MOST_THREADS = 8;
/**
 * One graph on all cores of the CPU for many pictures: threads with a session each, and a batch goes to the one with
 * the least to do, a large one part by part, so that memory does not grow with it. `run` does not block the thread it is called on, so pictures can be prepared meanwhile; cores are
 * only busy while several batches are asked for at a time (`inOrder`). Numbers are those of {@link OnnxSession}.
 */
export class ThreadedSession implements ModelSession {
  readonly runtime: string;
  readonly outputs: readonly string[];
  readonly #threads: readonly Thread[];

  private constructor(threads: readonly Thread[], { runtime, outputs }: Pick<ModelSession, 'runtime' | 'outputs'>) {
    this.#threads = threads;
    this.runtime = runtime;
    this.outputs = outputs;
  }

  /**
   * @param graph path of a `.onnx` file, or its bytes
   * @param options `outputs` names of the outputs to compute; default all
   * @throws as `OnnxSession.open`
   */
  static async open(
    graph: string | Uint8Array,
    options: { readonly outputs?: readonly string[] } = {},
  ): Promise<ThreadedSession> {
    const cores = availableParallelism();
    const count = Math.min(cores, MOST_THREADS);
    const workerData: ThreadTask = { ...options, graph, threads: Math.max(1, Math.floor(cores / count)) };
    const file = new URL('./session-thread.js', import.meta.url);
    const threads = Array.from({ length: count }, (): Thread => new AskedThread(file, { name: 'session', workerData }));
    try {
      const [first] = await Promise.all(threads.map((thread) => thread.ask({ kind: 'describe' })));
      if (first?.kind !== 'opened') throw unexpected(first);
      return new ThreadedSession(threads, first);
    } catch (error) {
      await closeAll(threads);
      throw error;
    }
  }

  async run(batch: PictureBatch): Promise<Outputs> {
    assertBatch(batch);
    return joinOutputs(await Promise.all(partsOf(batch).map((part) => this.#runPart(part))));
  }

  async #runPart({ data, ...size }: PictureBatch): Promise<Outputs> {
    const [first, ...others] = this.#threads;
    if (first === undefined) throw new InvariantError('A session without threads.');
    const free = others.reduce((least, thread) => (thread.waiting < least.waiting ? thread : least), first);
    // A copy of its own, which is handed over: `data` may be a part of something larger.
    const own = new Uint8Array(data);
    const answer = await free.ask({ kind: 'run', batch: { ...size, data: own } }, [own.buffer]);
    if (answer.kind === 'done') return answer.outputs;
    throw unexpected(answer);
  }

  async close(): Promise<void> {
    await closeAll(this.#threads);
  }
}

/** Each frees its session when it has done what it was asked before. One that failed has none, and ends the same. */
async function closeAll(threads: readonly Thread[]): Promise<void> {
  const closing = threads.map(async (thread) => {
    await thread.ask({ kind: 'close' }).catch(() => undefined);
    await thread.stop();
  });
  await Promise.all(closing);
}

function unexpected(answer: ThreadAnswer | undefined): InvariantError {
  return new InvariantError(`A session’s thread answered ${answer?.kind}.`);
}
