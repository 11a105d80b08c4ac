import { parentPort, workerData } from 'node:worker_threads';
import type { VerdictQuery } from '#contracts';
import { InvariantError } from '#contracts';
import { type PlantOptions, PlantStore } from './plant-store.js';
import { type Reply, type Request, serveCalls, toReply } from './thread-call.js';

/** What the main thread may ask of the plant database. */
export type PlantCalls = Pick<PlantStore, 'forward' | 'search' | 'newestOf'>;

let store: PlantStore | null = null;

async function answer({ id, name, input }: Request): Promise<Reply> {
  try {
    if (store === null) throw new InvariantError('The plant database was called before it was opened.');
    if (name === 'forward') return { id, value: await store.forward() };
    if (name === 'search') return { id, value: await store.search(input as VerdictQuery) };
    if (name === 'newestOf') return { id, value: await store.newestOf(input as string) };
    throw new InvariantError(`The plant database has no call ${name}.`);
  } catch (error) {
    return toReply(id, error);
  }
}

if (parentPort !== null) {
  serveCalls(parentPort, {
    open: async () => {
      store = await PlantStore.open(workerData as PlantOptions);
    },
    runGroup: async (requests) => {
      const replies: Reply[] = [];
      for (const request of requests) replies.push(await answer(request));
      return replies;
    },
    close: async () => store?.stop(),
    maxGroup: 1,
  });
}
