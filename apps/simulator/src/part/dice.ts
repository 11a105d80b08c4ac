import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Random choices that depend on nothing but the words they were seeded with: same words, same part, on every machine. */
export class Dice {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  /** @param seed any words and numbers; two lists that differ anywhere give unrelated choices */
  constructor(...seed: (string | number)[]) {
    this.#generator = xoroshiro128plus(createHash('sha256').update(JSON.stringify(seed)).digest().readInt32BE());
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * uniformFloat64(this.#generator);
  }

  /** Whole number in [low, high], both included. */
  whole(low: number, high: number): number {
    return uniformInt(this.#generator, low, high);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return uniformFloat64(this.#generator) < probability;
  }

  /** -1 or 1. */
  side(): -1 | 1 {
    return this.chance(0.5) ? -1 : 1;
  }

  /** One of the items; the list must not be empty. */
  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.whole(0, items.length - 1)] ?? items[0];
  }

  /** 32 random bits as a signed integer: for the sensor's noise, where a call per choice would be too slow. */
  bits(): number {
    return this.#generator.next();
  }
}
