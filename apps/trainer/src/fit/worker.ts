import { buildTail } from '#model/network';
import { Tail } from '#model/train/tail';
import { readRecord } from './feature-store.js';
import type { Answer, Assignment, Order } from './orders.js';

/** Pictures predicted at once: bounds memory, not results. */
const PREDICT_BATCH = 64;

/** Does a share of each batch on the backend of the thread it lives in. */
export class Worker {
  readonly #assignment: Assignment;
  readonly #tail: Tail;

  /** @param assignment the thread's backend must have been started */
  constructor(assignment: Assignment) {
    this.#assignment = assignment;
    this.#tail = new Tail(buildTail(assignment));
  }

  get parameters() {
    return this.#tail.parameters;
  }

  async carryOut(order: Order): Promise<Answer> {
    this.#tail.load(this.#assignment.weights);
    if (order.kind === 'predict') return { kind: 'predict', probabilities: await this.#predict(order.files) };
    const { files, ...batch } = order.share;
    const loss = await this.#tail.gradient(
      { count: files.length, features: this.#read(files), ...batch },
      this.#assignment.gradient,
    );
    return { kind: 'gradient', loss };
  }

  dispose(): void {
    this.#tail.dispose();
  }

  async #predict(files: readonly string[]): Promise<Float32Array> {
    const all = new Float32Array(files.length * this.#assignment.head.labels);
    for (let from = 0; from < files.length; from += PREDICT_BATCH) {
      const some = files.slice(from, from + PREDICT_BATCH);
      all.set(await this.#tail.predict(this.#read(some), some.length), from * this.#assignment.head.labels);
    }
    return all;
  }

  #read(files: readonly string[]): Float32Array {
    const { shape, cut } = this.#assignment;
    const part = cut === 'embedding' ? 'embedding' : 'cut';
    const features = new Float32Array(files.length * shape[part]);
    for (const [i, file] of files.entries()) readRecord(file, { shape, part, into: features, offset: i * shape[part] });
    return features;
  }
}
