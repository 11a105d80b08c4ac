/** Somebody who follows the ledger by its own cursor. */
export interface LedgerReader {
  /** There may be new rows. Returns at once; the reader goes at its own pace. */
  wake(): void;
}

/** The ledger is the outbox: everything that leaves this box after the gate's verdict is a reader with a cursor. */
export class Outbox {
  constructor(private readonly readers: readonly LedgerReader[]) {}

  wake(): void {
    for (const reader of this.readers) reader.wake();
  }
}
