import { InvariantError } from '#contracts';
import { buildTail, mapSizeOf } from '#model/network';
import { Tail } from '#model/train/tail';
import { FeatureReader } from './feature-reader.js';
import { type MapSize, mixFeatures } from './mix.js';
import { moveWeights } from './optimiser.js';
import type { Answer, Assignment, Order } from './orders.js';

/** Pictures predicted at once: bounds memory, not results. */
const PREDICT_BATCH = 64;

/** Does a share of each batch on the backend of the thread it lives in. */
export class Worker {
  readonly #assignment: Assignment;
  readonly #tail: Tail;
  readonly #reader: FeatureReader;
  readonly #map: MapSize | null;

  /** @param assignment the thread's backend must have been started */
  constructor(assignment: Assignment) {
    this.#assignment = assignment;
    this.#reader = new FeatureReader(assignment.features, assignment.cut === 'embedding' ? 'embedding' : 'cut');
    this.#tail = new Tail(buildTail(assignment), assignment.focalGamma);
    this.#map = mapSizeOf(assignment);
  }

  get parameters() {
    return this.#tail.parameters;
  }

  async carryOut(order: Order): Promise<Answer> {
    const { learnt } = this.#assignment;
    if (order.kind === 'move') {
      moveWeights(this.parameters, order.optimiser, { ...learnt, ...order.step });
      return { kind: 'move' };
    }
    this.#tail.load(learnt.weights);
    return order.kind === 'predict'
      ? { kind: 'predict', probabilities: await this.#predict(order.records) }
      : { kind: 'gradient', loss: await this.#gradient(order) };
  }

  dispose(): void {
    this.#tail.dispose();
    this.#reader.close();
  }

  async #gradient({ share, next }: Extract<Order, { kind: 'gradient' }>): Promise<number> {
    const { records, mix, ...batch } = share;
    const { learnt, own } = this.#assignment;
    const gradient = learnt.gradients[own];
    if (gradient === undefined) throw new InvariantError(`No gradient of worker ${own}.`);
    if (next.length > 0) this.#reader.expect(next);
    const read = await this.#reader.read(records);
    const features = mix === null ? read : mixFeatures(read, { mix, count: records.length, map: this.#map });
    return this.#tail.gradient({ count: batch.weights.length, features, ...batch }, gradient);
  }

  async #predict(records: readonly number[]): Promise<Float32Array> {
    const { labels } = this.#assignment.head;
    const all = new Float32Array(records.length * labels);
    for (let from = 0; from < records.length; from += PREDICT_BATCH) {
      const features = await this.#reader.read(records.slice(from, from + PREDICT_BATCH));
      this.#reader.expect(records.slice(from + PREDICT_BATCH, from + 2 * PREDICT_BATCH));
      all.set(await this.#tail.predict(features, features.length / this.#reader.length), from * labels);
    }
    return all;
  }
}
