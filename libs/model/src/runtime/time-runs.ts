import { performance } from 'node:perf_hooks';
import type { ModelSession, PictureBatch } from './session.js';

export interface Rounds {
  /** Rounds before the clock counts. */
  readonly warmUp: number;
  /** Timed rounds at most. */
  readonly rounds: number;
  /** No new round begins after this time, ms; the first is always made. */
  readonly budgetMs?: number;
}

/**
 * Median milliseconds of each contender, one run of each per round: what else the machine does meets all alike.
 * @throws what a contender throws
 */
export async function timeInTurn(contenders: readonly (() => Promise<unknown>)[], options: Rounds): Promise<number[]> {
  const { warmUp, rounds, budgetMs = Number.POSITIVE_INFINITY } = options;
  for (let round = 0; round < warmUp; round++) for (const run of contenders) await run();
  const times = contenders.map((): number[] => []);
  const endsAt = performance.now() + budgetMs;
  for (let round = 0; round === 0 || (round < rounds && performance.now() < endsAt); round++) {
    for (const [i, run] of contenders.entries()) {
      const startedAt = performance.now();
      await run();
      times[i]?.push(performance.now() - startedAt);
    }
  }
  return times.map((own) => own.sort((a, b) => a - b)[own.length >> 1] ?? Number.NaN);
}

/** Pictures whose content does not matter, so they are grey. */
export function greyBatch({ width, height, count }: { width: number; height: number; count: number }): PictureBatch {
  return { data: new Uint8Array(count * width * height * 3).fill(128), count, width, height };
}

/**
 * Median milliseconds per picture of one open session.
 * @param options `tiles` of a picture, each a row of a batch; default 1
 * @throws InvariantError when the runtime fails
 */
export async function timeRuns(
  session: ModelSession,
  options: Rounds & { width: number; height: number; count: number; tiles?: number },
): Promise<number> {
  const { width, height, count, tiles = 1, ...rounds } = options;
  const batch = greyBatch({ width, height, count });
  const [ms = Number.NaN] = await timeInTurn([() => session.run(batch)], rounds);
  return (ms / count) * tiles;
}
