import { InvariantError } from '#contracts';
import { buildTail } from '#model/network';
import { AskedThread } from '#model/runtime/asked-thread';
import { layOut, type Parameter, pack, totalLength, unpack } from '#model/train/parameters';
import type { WeightMap } from '#model/weights/weight-map';
import type { Answer, Assignment, Order, Share } from './orders.js';
import { Worker } from './worker.js';

type Task = Omit<Assignment, 'weights' | 'gradient'>;

interface Hand {
  readonly gradient: Float32Array;
  do(order: Order): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * The workers that compute gradients together: threads for a single-threaded backend, else this thread alone.
 * A batch is cut into as many shares as there are workers and the gradients are summed in worker order, so the same
 * seed and worker count give the same weights bit for bit.
 */
export class Crew {
  readonly parameters: readonly Parameter[];
  /** Flat weights, seen by every worker. Change them between steps only. */
  readonly weights: Float32Array;
  readonly #hands: readonly Hand[];

  private constructor(parameters: readonly Parameter[], weights: Float32Array, hands: readonly Hand[]) {
    this.parameters = parameters;
    this.weights = weights;
    this.#hands = hands;
  }

  /** Build the tail in every worker and load `start`. The backend of this thread must have been chosen. */
  static async start(task: Task, options: { workers: number; start: WeightMap }): Promise<Crew> {
    const model = buildTail(task);
    const parameters = layOut(model);
    model.dispose();
    const length = totalLength(parameters);
    const weights = sharedFloats(length);
    pack(parameters, options.start, weights);
    const assignments = Array.from({ length: options.workers }, () => ({
      ...task,
      weights,
      gradient: sharedFloats(length),
    }));
    const hands = assignments.map((one) => (options.workers === 1 ? inThisThread(one) : inItsOwnThread(one)));
    return new Crew(parameters, weights, hands);
  }

  /**
   * Loss of one batch and its gradient, which is good until the next call.
   * @param shares one per worker; fewer when the batch is small
   * @param next those of the next batch, whose records are read meanwhile
   * @throws what a worker met, of the same kind and code; InvariantError when one broke down
   */
  async gradient(
    shares: readonly Share[],
    next: readonly Share[] = [],
  ): Promise<{ loss: number; gradient: Float32Array }> {
    const orders = shares.map((share, i): Order => ({ kind: 'gradient', share, next: next[i]?.records ?? [] }));
    const answers = await Promise.all(orders.map((order, i) => this.#hand(i).do(order)));
    const { gradient: sum } = this.#hand(0);
    let loss = 0;
    for (const [i, answer] of answers.entries()) {
      if (answer.kind !== 'gradient') throw unexpected(answer);
      loss += answer.loss;
      if (i > 0) addTo(sum, this.#hand(i).gradient);
    }
    return { loss, gradient: sum };
  }

  /**
   * Probabilities [records, labels] without dropout.
   * @throws as {@link gradient}
   */
  async predict(records: readonly number[]): Promise<Float32Array> {
    const parts = await Promise.all(
      split(records, this.#hands.length).map((part, i) => this.#hand(i).do({ kind: 'predict', records: part })),
    );
    const arrays = parts.map((answer) => {
      if (answer.kind !== 'predict') throw unexpected(answer);
      return answer.probabilities;
    });
    const all = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
    arrays.reduce((offset, array) => {
      all.set(array, offset);
      return offset + array.length;
    }, 0);
    return all;
  }

  get workers(): number {
    return this.#hands.length;
  }

  /** Named copies of the current weights. */
  current(): WeightMap {
    return unpack(this.parameters, this.weights);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#hands.map((hand) => hand.stop()));
  }

  #hand(i: number): Hand {
    const hand = this.#hands[i];
    if (hand === undefined) throw new InvariantError(`No worker ${i}.`);
    return hand;
  }
}

/** Cut a list into at most `parts` runs of nearly equal length, none empty. */
export function split<T>(items: readonly T[], parts: number): T[][] {
  const size = Math.ceil(items.length / parts);
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

function inThisThread(assignment: Assignment): Hand {
  const worker = new Worker(assignment);
  return {
    gradient: assignment.gradient,
    do: async (order) => worker.carryOut(order),
    stop: async () => worker.dispose(),
  };
}

function inItsOwnThread(assignment: Assignment): Hand {
  const file = new URL('./thread.js', import.meta.url);
  const thread = new AskedThread<Order, Answer>(file, { name: 'training', workerData: assignment });
  return {
    gradient: assignment.gradient,
    do: (order) => thread.ask(order),
    stop: () => thread.stop(),
  };
}

function addTo(sum: Float32Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (values[i] as number);
}

function sharedFloats(length: number): Float32Array<SharedArrayBuffer> {
  return new Float32Array(new SharedArrayBuffer(4 * length));
}

function unexpected({ kind }: Answer): InvariantError {
  return new InvariantError(`A worker answered ${kind}, which it was not asked.`);
}
