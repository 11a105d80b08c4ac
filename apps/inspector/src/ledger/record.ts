import { setTimeout as wait } from 'node:timers/promises';
import { DependencyError, InvariantError } from '#contracts';
import type { Closing } from './rows.js';

/** Between attempts, ms. */
const AGAIN_MS = 1_000;

/** One verdict, which nobody has given yet. @throws DependencyError LEDGER_WRITE; InvariantError where there is one already */
export async function recordOnce(close: () => Promise<Closing>): Promise<void> {
  if ((await close()) === 'already') throw new InvariantError('A second verdict was given; the first one stands.');
}

/**
 * What the ledger refused, again and again until it is on the disk. A commit that seemed to fail may be there all the
 * same: then the first one stands.
 * @throws InvariantError a bug of ours, which no waiting mends
 */
export async function recordAgain(record: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await record();
      return;
    } catch (error) {
      if (!(error instanceof DependencyError)) throw error;
    }
    await wait(AGAIN_MS, null, { ref: false });
  }
}

/**
 * On the disk at last: told of a ledger that refuses it, once, and asked again until it takes it.
 * @throws InvariantError a bug of ours, which no waiting mends
 */
export async function recordAtLast(record: () => Promise<unknown>, onRefused: (error: unknown) => void): Promise<void> {
  try {
    await record();
  } catch (error) {
    onRefused(error);
    await recordAgain(record);
  }
}
