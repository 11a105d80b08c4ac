import { performance } from 'node:perf_hooks';
import type { ModelSession } from './session.js';

export interface TimedRuns {
  readonly width: number;
  readonly height: number;
  /** Pictures of one run. */
  readonly count: number;
  /** Runs before the clock counts. */
  readonly warmUp: number;
  /** Timed runs at most. */
  readonly runs: number;
  /** No new run begins after this time, ms; the first is always made. */
  readonly budgetMs?: number;
}

/**
 * Median milliseconds per picture of an open session. What is in the pictures does not matter, so they are grey.
 * @throws InvariantError when the runtime fails
 */
export async function timeRuns(session: ModelSession, options: TimedRuns): Promise<number> {
  const { width, height, count, warmUp, runs, budgetMs = Number.POSITIVE_INFINITY } = options;
  const batch = { data: new Uint8Array(count * width * height * 3).fill(128), count, width, height };
  for (let run = 0; run < warmUp; run++) await session.run(batch);
  const times: number[] = [];
  const endsAt = performance.now() + budgetMs;
  do {
    const startedAt = performance.now();
    await session.run(batch);
    times.push(performance.now() - startedAt);
  } while (times.length < runs && performance.now() < endsAt);
  times.sort((a, b) => a - b);
  return (times[times.length >> 1] ?? Number.NaN) / count;
}
