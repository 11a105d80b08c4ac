import { parentPort, workerData } from 'node:worker_threads';
import { InvariantError } from '#contracts';
import { LedgerStore } from './ledger-store.js';
import { type Reply, type Request, serveCalls, toReply } from './thread-call.js';

/** Frames in one commit at most: bounds how long a single flush can hold up the next group. */
const MAX_GROUP = 256;

let store: LedgerStore | null = null;

function opened(): LedgerStore {
  if (store === null) throw new InvariantError('The ledger was called before it was opened.');
  return store;
}

async function runGroup(requests: readonly Request[]): Promise<Reply[]> {
  try {
    return await opened().transaction(async () => {
      const replies: Reply[] = [];
      for (const request of requests) replies.push(await answer(request));
      return replies;
    });
  } catch (error) {
    return requests.map(({ id }) => toReply(id, error));
  }
}

/** A wrong call fails alone; a failing disk fails the whole group with it. */
async function answer({ id, name, input }: Request): Promise<Reply> {
  try {
    return { id, value: await dispatch(name, input) };
  } catch (error) {
    if (error instanceof InvariantError) return toReply(id, error);
    throw error;
  }
}

const CALLS = [
  'accept',
  'close',
  'openPart',
  'closePart',
  'note',
  'override',
  'overridesOf',
  'settings',
  'set',
  'openFrames',
  'openParts',
  'markBoot',
  'lastSequences',
  'readAfter',
  'cursor',
  'setCursor',
  'keptPictures',
  'othersOfPicture',
  'verdictOf',
  'pictureOf',
] as const;
/** What the main thread may ask of the ledger. */
export type LedgerCalls = Pick<LedgerStore, (typeof CALLS)[number]>;

async function dispatch(name: string, input: unknown): Promise<unknown> {
  const call = CALLS.find((known) => known === name);
  if (call === undefined) throw new InvariantError(`The ledger has no call ${name}.`);
  const method = opened()[call] as (input: unknown) => Promise<unknown>;
  return method.call(store, input);
}

if (parentPort !== null) {
  serveCalls(parentPort, {
    open: async () => {
      store = await LedgerStore.open((workerData as { file: string }).file);
    },
    runGroup,
    close: () => opened().stop(),
    maxGroup: MAX_GROUP,
  });
}
