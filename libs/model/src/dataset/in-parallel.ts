import { availableParallelism } from 'node:os';

/** Files in flight at once: enough to keep libuv's default of four threads busy, few enough to bound memory. */
const IN_FLIGHT = 16;

/**
 * Map with a bounded number of calls in flight; results keep the order of `items`. The first rejection rejects the
 * whole and no further item is started.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const entries = items.entries();
  let hasFailed = false;
  const lane = async (): Promise<void> => {
    for (const [index, item] of entries) {
      if (hasFailed) return;
      results[index] = await work(item, index);
    }
  };
  const lanes = Array.from({ length: Math.min(IN_FLIGHT, items.length) }, () =>
    lane().catch((error: unknown) => {
      hasFailed = true;
      throw error;
    }),
  );
  await Promise.all(lanes);
  return results;
}

/** Runs of a network in flight: one per core up to eight, and two whose pictures are being prepared. */
const RUNS_IN_FLIGHT = Math.min(availableParallelism(), 8) + 2;

/**
 * Results in the order of `items`, while the work of the next few goes on. What is under way when one fails, or when the
 * caller looks no further, comes to nothing.
 */
export async function* inOrder<T, R>(items: Iterable<T>, work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  for (const item of items) {
    const result = work(item);
    // Awaited when it is its turn; a failure is not lost in between.
    result.catch(() => undefined);
    underWay.push(result);
    if (underWay.length >= RUNS_IN_FLIGHT) yield await (underWay.shift() as Promise<R>);
  }
  for (const result of underWay) yield await result;
}

/** Cut a list into runs of `size`, the last one shorter. */
export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
