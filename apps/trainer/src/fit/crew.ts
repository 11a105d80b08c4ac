import { InvariantError } from '#contracts';
import { buildTail } from '#model/network';
import { AskedThread } from '#model/runtime/asked-thread';
import { layOut, type Parameter, pack, totalLength, unpack } from '#model/train/parameters';
import type { WeightMap } from '#model/weights/weight-map';
import type { Learnt, OptimiserOptions, Step } from './optimiser.js';
import type { Answer, Assignment, Order, Share } from './orders.js';
import { Worker } from './worker.js';

type Task = Omit<Assignment, 'learnt' | 'own'>;

interface Hand {
  do(order: Order): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * The workers that learn together: threads where the backend computes on the thread that calls it, else this thread alone.
 * A batch is cut into as many shares as there are workers and the gradients are summed in worker order, so the same
 * seed and worker count give the same weights bit for bit.
 */
export class Crew {
  readonly parameters: readonly Parameter[];
  readonly #learnt: Learnt;
  readonly #hands: readonly Hand[];

  private constructor(parameters: readonly Parameter[], learnt: Learnt, hands: readonly Hand[]) {
    this.parameters = parameters;
    this.#learnt = learnt;
    this.#hands = hands;
  }

  /** Build the tail in every worker and load `start`. The backend of this thread must have been chosen. */
  static async start(task: Task, options: { workers: number; start: WeightMap }): Promise<Crew> {
    const model = buildTail(task);
    const parameters = layOut(model);
    model.dispose();
    const floats = () => sharedFloats(totalLength(parameters));
    const others = Array.from({ length: options.workers - 1 }, floats);
    const learnt: Learnt = { weights: floats(), gradients: [floats(), ...others], moments: [floats(), floats()] };
    pack(parameters, options.start, learnt.weights);
    const assignments = learnt.gradients.map((_, own) => ({ ...task, learnt, own }));
    const hands = assignments.map((one) => (options.workers === 1 ? inThisThread(one) : inItsOwnThread(one)));
    return new Crew(parameters, learnt, hands);
  }

  /** Flat weights, seen by every worker. Change them between steps only. */
  get weights(): Float32Array {
    return this.#learnt.weights;
  }

  /** What the optimiser remembers, laid out as the weights. Change them between steps only. */
  get moments(): Learnt['moments'] {
    return this.#learnt.moments;
  }

  /**
   * Loss of one batch; its gradient is kept for {@link move}.
   * @param shares one per worker; fewer when the batch is small
   * @param next those of the next batch, whose records are read meanwhile
   * @throws what a worker met, of the same kind and code; InvariantError when one broke down
   */
  async gradient(shares: readonly Share[], next: readonly Share[] = []): Promise<number> {
    for (const idle of this.#learnt.gradients.slice(shares.length)) idle.fill(0);
    const orders = shares.map((share, i): Order => ({ kind: 'gradient', share, next: next[i]?.records ?? [] }));
    const answers = await this.#share(orders);
    return answers.reduce((loss, answer) => {
      if (answer.kind !== 'gradient') throw unexpected(answer);
      return loss + answer.loss;
    }, 0);
  }

  /**
   * Move the weights one step against the last gradient, each worker an equal part of them.
   * @param step factor on the peak rates, and how many steps that makes
   * @throws as {@link gradient}
   */
  async move(optimiser: OptimiserOptions, step: Omit<Step, 'from' | 'to'>): Promise<void> {
    const part = Math.ceil(this.weights.length / this.workers);
    await this.#share(
      this.#hands.map((_, i): Order => {
        const [from, to] = [i * part, Math.min((i + 1) * part, this.weights.length)];
        return { kind: 'move', optimiser, step: { ...step, from, to } };
      }),
    );
  }

  /**
   * Probabilities [records, labels] without dropout.
   * @throws as {@link gradient}
   */
  async predict(records: readonly number[]): Promise<Float32Array> {
    const parts = split(records, this.workers);
    const answers = await this.#share(parts.map((part): Order => ({ kind: 'predict', records: part })));
    const arrays = answers.map((answer) => {
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

  /** The first worker carries out the first order, and so on. */
  #share(orders: readonly Order[]): Promise<Answer[]> {
    return Promise.all(
      orders.map((order, i) => {
        const hand = this.#hands[i];
        if (hand === undefined) throw new InvariantError(`No worker ${i}.`);
        return hand.do(order);
      }),
    );
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
    do: async (order) => worker.carryOut(order),
    stop: async () => worker.dispose(),
  };
}

function inItsOwnThread(assignment: Assignment): Hand {
  const file = new URL('./thread.js', import.meta.url);
  const thread = new AskedThread<Order, Answer>(file, { name: 'training', workerData: assignment });
  return {
    do: (order) => thread.ask(order),
    stop: () => thread.stop(),
  };
}

function sharedFloats(length: number): Float32Array<SharedArrayBuffer> {
  return new Float32Array(new SharedArrayBuffer(4 * length));
}

function unexpected({ kind }: Answer): InvariantError {
  return new InvariantError(`A worker answered ${kind}, which it was not asked.`);
}
