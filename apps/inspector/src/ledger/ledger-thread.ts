import { parentPort, workerData } from 'node:worker_threads';
import { isRefusedByDisk } from './durability.js';
import { LEDGER_CALLS } from './ledger.js';
import { LedgerStore } from './ledger-store.js';
import { serveCalls } from './thread-call.js';

// Entry of the ledger's thread: one commit for all that came while the last one ran.
if (parentPort !== null) {
  serveCalls(parentPort, {
    open: () => LedgerStore.open((workerData as { file: string }).file),
    calls: LEDGER_CALLS,
    commit: { run: (store, work) => store.transaction(work), isEndedBy: isRefusedByDisk },
    maxGroup: 256,
  });
}
