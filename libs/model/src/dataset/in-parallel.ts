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
