import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { fromPlain, InvariantError, type PlainError, toPlain } from '#contracts/errors';
import './no-telemetry.js';
import { assertBatch, type ModelSession, type OutputTensor, type PictureBatch } from './session.js';

/** What a thread opens. */
export interface ThreadTask {
  /** Path of a `.onnx` file, or its bytes. */
  readonly graph: string | Uint8Array;
  /** Cores that one run of it may use. */
  readonly threads: number;
  readonly outputs?: readonly string[];
}

export type ThreadOrder = { readonly kind: 'run'; readonly batch: PictureBatch } | { readonly kind: 'close' };

type Outputs = Record<string, OutputTensor>;

export type ThreadAnswer =
  | { readonly kind: 'opened'; readonly runtime: string; readonly outputs: readonly string[] }
  | { readonly kind: 'done'; readonly outputs: Outputs }
  | { readonly kind: 'failed'; readonly error: PlainError };

/** Sessions at most: each holds the weights once more and the maps of a batch. With more cores each run uses several. */
const MOST_THREADS = 8;

/**
 * One graph on all cores of the CPU for many pictures: threads with a session each, and a batch goes to the one with
 * the least to do. `run` does not block the thread it is called on, so pictures can be prepared meanwhile; cores are
 * only busy while several batches are asked for at a time (`inOrder`). Numbers are those of {@link OnnxSession}.
 */
export class ThreadedSession implements ModelSession {
  readonly runtime: string;
  readonly outputs: readonly string[];
  readonly #hands: readonly Hand[];

  private constructor(hands: readonly Hand[], { runtime, outputs }: Pick<ModelSession, 'runtime' | 'outputs'>) {
    this.#hands = hands;
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
    const task: ThreadTask = { ...options, graph, threads: Math.max(1, Math.floor(cores / count)) };
    const hands = Array.from({ length: count }, () => new Hand(task));
    const answers = await Promise.all(hands.map((hand) => hand.opened));
    const [first] = answers;
    const failed = answers.find(({ kind }) => kind !== 'opened');
    if (first?.kind === 'opened' && failed === undefined) return new ThreadedSession(hands, first);
    await Promise.all(hands.map((hand) => hand.close()));
    throw errorOf(failed);
  }

  async run(batch: PictureBatch): Promise<Outputs> {
    assertBatch(batch);
    const [first, ...others] = this.#hands;
    if (first === undefined) throw new InvariantError('A session without threads.');
    const free = others.reduce((least, hand) => (hand.waiting < least.waiting ? hand : least), first);
    const answer = await free.run(batch);
    if (answer.kind === 'done') return answer.outputs;
    throw errorOf(answer);
  }

  async close(): Promise<void> {
    await Promise.all(this.#hands.map((hand) => hand.close()));
  }
}

/** One thread, as seen from this one. */
class Hand {
  readonly opened: Promise<ThreadAnswer>;
  readonly #thread: Worker;
  readonly #ended: Promise<void>;
  /** Who waits for an answer, the longest first. */
  readonly #asked: ((answer: ThreadAnswer) => void)[] = [];
  /** What every question is answered once the thread is gone. */
  #last: ThreadAnswer | null = null;

  constructor(task: ThreadTask) {
    this.#thread = new Worker(new URL('./session-thread.js', import.meta.url), { workerData: task });
    this.#thread.on('message', (answer: ThreadAnswer) => this.#asked.shift()?.(answer));
    this.#thread.on('error', (error) => this.#end({ kind: 'failed', error: toPlain(error) }));
    this.#ended = new Promise((resolve) => {
      this.#thread.on('exit', () => {
        this.#end({ kind: 'failed', error: toPlain(new Error('The thread of a session has ended.')) });
        resolve();
      });
    });
    this.opened = this.#answer();
  }

  /** Runs asked for and not answered. */
  get waiting(): number {
    return this.#asked.length;
  }

  run({ data, ...size }: PictureBatch): Promise<ThreadAnswer> {
    // A copy of its own, which is handed over: `data` may be a part of something larger.
    const own = new Uint8Array(data);
    const order: ThreadOrder = { kind: 'run', batch: { ...size, data: own } };
    this.#thread.postMessage(order, [own.buffer]);
    return this.#answer();
  }

  async close(): Promise<void> {
    this.#thread.postMessage({ kind: 'close' } satisfies ThreadOrder);
    await this.#ended;
  }

  #answer(): Promise<ThreadAnswer> {
    if (this.#last !== null) return Promise.resolve(this.#last);
    return new Promise((resolve) => this.#asked.push(resolve));
  }

  #end(answer: ThreadAnswer): void {
    this.#last ??= answer;
    for (const resolve of this.#asked.splice(0)) resolve(this.#last);
  }
}

/** The error a thread met, in this thread. */
function errorOf(answer: ThreadAnswer | undefined): Error {
  if (answer?.kind === 'failed') return fromPlain(answer.error);
  return new InvariantError(`A session’s thread answered ${answer?.kind}.`);
}
