import { median } from 'simple-statistics';

/** One of those who do the same work, in a process of its own. */
export interface Contender {
  /** As in `wasm, 1 worker`. */
  readonly name: string;
  /** Library and device that answered. */
  readonly words: string;
  /** Do the work so many times. @returns milliseconds of each */
  run(times: number): Promise<readonly number[]>;
  stop(): Promise<void>;
}

export interface Raced {
  readonly name: string;
  readonly words: string;
  /** Median over all rounds, ms. */
  readonly ms: number;
}

/**
 * Let contenders work in turns, one at a time, so that what else the machine does falls on all of them alike. The first
 * round warms up and does not count.
 */
export async function race(
  contenders: readonly Contender[],
  { rounds, times }: { rounds: number; times: number },
): Promise<Raced[]> {
  const spent = new Map(contenders.map((contender): [Contender, number[]] => [contender, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [contender, all] of spent) {
      const own = await contender.run(times);
      if (round > 0) all.push(...own);
    }
  }
  return [...spent].map(([{ name, words }, all]) => ({ name, words, ms: median(all) }));
}
