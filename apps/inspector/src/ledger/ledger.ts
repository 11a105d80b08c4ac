import type { LedgerStore } from './ledger-store.js';
import { CallThread } from './thread-call.js';

/** What the line may ask of the ledger. */
export const LEDGER_CALLS = [
  'accept',
  'close',
  'overtake',
  'keepPicture',
  'openPart',
  'closePart',
  'note',
  'override',
  'overridesOf',
  'settings',
  'set',
  'openFrames',
  'openParts',
  'lastParts',
  'markBoot',
  'lastSequences',
  'readAfter',
  'readOfCamera',
  'cursor',
  'cursors',
  'setCursor',
  'keptPictures',
  'framesOfPicture',
  'verdictOf',
  'viewsOf',
  'pictureOf',
] as const satisfies readonly (keyof LedgerStore)[];
type LedgerCalls = Pick<LedgerStore, (typeof LEDGER_CALLS)[number]>;

/**
 * The ledger as the line sees it: calls into its thread. `accept` and `close` come back when the row is on the disk;
 * what is asked while a commit runs shares the next one.
 * Every call throws DependencyError LEDGER_WRITE when the disk refuses.
 */
export interface Ledger extends LedgerCalls {
  /** @throws DependencyError LEDGER_OPEN */
  start(file: string): Promise<void>;
  stop(): Promise<void>;
  /** How long the longest waiting call has waited, ms: a disk may hang instead of refusing. */
  waitingMs(): number;
}

/** @param onDeath told when the ledger's thread ends by itself: nothing can be accepted any more */
export function makeLedger(onDeath: (error: Error) => void): Ledger {
  const thread = new CallThread<LedgerCalls>(new URL('./ledger-thread.js', import.meta.url), 'LEDGER_WRITE', onDeath);
  return {
    ...thread.methods(LEDGER_CALLS),
    start: (file) => thread.start({ file }),
    stop: () => thread.stop(),
    waitingMs: () => thread.waitingMs,
  };
}
