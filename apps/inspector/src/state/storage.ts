import { stat } from 'node:fs/promises';
import { messageOf } from '#contracts';
import { freeBytes } from '#contracts/free-bytes';
import type { Ledger } from '../ledger/ledger.js';

/** A call to the ledger that takes longer than this is a disk that hangs, ms. */
const STALL_MS = 2_000;

export type StorageReason = 'LEDGER' | 'DISK';

export interface StorageOptions {
  readonly dataDir: string;
  /** Free bytes below which nothing is accepted. */
  readonly diskFreeBytes: number;
  /** Open already. */
  readonly ledgerFile: string;
  readonly ledger: Pick<Ledger, 'setCursor' | 'waitingMs'>;
}

/** Looks whether disk and ledger take what the line has to keep. */
export class Storage {
  private isLooking = false;
  private probes = 0;
  /** The file that is open, as the first look found it. */
  private opened: { readonly dev: number; readonly ino: number } | null = null;

  constructor(private readonly options: StorageOptions) {}

  /** Why the ledger takes nothing although it refuses nothing; null when it answers. At once, whatever the disk does. */
  get stall(): string | null {
    const isStalled = this.options.ledger.waitingMs() > STALL_MS;
    return isStalled ? `The ledger has not answered for ${STALL_MS} ms: its disk hangs. Check the disk.` : null;
  }

  /**
   * Look, unless the last look has not come back: a disk that hangs holds up whoever looks at it.
   * @param isLedgerBad it refused or hung: a write shows whether it is back
   * @param tell each finding: the problem in words, null when there is none
   */
  async look(isLedgerBad: boolean, tell: (reason: StorageReason, problem: string | null) => void): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      tell('DISK', await this.diskProblem());
      const problem = await this.fileProblem();
      if (problem !== null) tell('LEDGER', problem);
      else if (isLedgerBad && (await this.takesRow())) tell('LEDGER', null);
    } finally {
      this.isLooking = false;
    }
  }

  private async diskProblem(): Promise<string | null> {
    const { dataDir, diskFreeBytes } = this.options;
    try {
      if ((await freeBytes(dataDir)) >= diskFreeBytes) return null;
      return `${dataDir} has less than ${diskFreeBytes} bytes free. Free disk space.`;
    } catch (error) {
      return `${dataDir} cannot be looked at: ${messageOf(error)}.`;
    }
  }

  /** SQLite writes on into a file that has no name any more: the next start would find none of it. */
  private async fileProblem(): Promise<string | null> {
    const { ledgerFile } = this.options;
    const found = await stat(ledgerFile).catch(() => null);
    if (found !== null) this.opened ??= { dev: found.dev, ino: found.ino };
    if (this.opened === null || (found?.ino === this.opened.ino && found.dev === this.opened.dev)) return null;
    return `Ledger ${ledgerFile} was ${found === null ? 'moved or removed' : 'replaced'} under the running inspector: nothing recorded from now on would be there at the next start. Put it back where it was moved, else start the inspector anew.`;
  }

  private takesRow(): Promise<boolean> {
    this.probes += 1;
    const row = { reader: 'probe', row: this.probes };
    return this.options.ledger.setCursor(row).then(
      () => true,
      () => false,
    );
  }
}
