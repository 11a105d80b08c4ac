import type { Ledger } from '../ledger/ledger.js';
import type { LedgerReader } from '../ledger/outbox.js';
import type { Publisher } from './publisher.js';

const READER = 'record-topic';
/** Records on their way to the broker at once, where it has room for so many. */
const ROWS_AT_ONCE = 100;
/** The cursor is written at most this often, ms: after a crash up to this much is sent again, as history. */
const REMEMBER_MS = 1_000;
/** Longest time for records that are still to be sent when stopping, ms; after an outage there may be millions. */
const STOP_MS = 2_000;
/** Rest after a record that the broker did not take, ms. That one is tried alone then: those behind it were sent with it once. */
const AGAIN_MS = 1_000;

export interface RecordFeedOptions {
  readonly ledger: Pick<Ledger, 'readAfter' | 'cursor' | 'setCursor'>;
  readonly publisher: Pick<Publisher, 'publishRecord' | 'roomForRecords' | 'isUp'>;
  readonly onError: (error: unknown) => void;
}

/** Brings every closed frame, and people's words on them, to their `record` topic, in order; what comes after its window says `historical`. */
export class RecordFeed implements LedgerReader {
  private row = 0;
  private rememberedRow = 0;
  private rememberedAt = 0;
  private isOwed = false;
  private running: Promise<void> | null = null;
  private isStopped = false;
  /** The next record is one that the broker did not take. */
  private isDoubtful = false;
  private rest: NodeJS.Timeout | null = null;

  constructor(private readonly options: RecordFeedOptions) {}

  /** @throws DependencyError LEDGER_WRITE */
  async start(): Promise<void> {
    this.row = await this.options.ledger.cursor(READER);
    this.rememberedRow = this.row;
  }

  wake(): void {
    this.isOwed = true;
    if (this.running !== null || this.rest !== null || this.isStopped || !this.options.publisher.isUp) return;
    this.running = this.run()
      .catch((error: unknown) => {
        // The next frame, or the broker's return, tries again.
        this.isOwed = false;
        this.options.onError(error);
      })
      .finally(() => {
        this.running = null;
        // Asked for between the last look and now.
        if (this.isOwed) this.wake();
      });
  }

  /** Sends what can be sent within a moment and remembers how far it got: the rest waits in the ledger. */
  async stop(): Promise<void> {
    this.endRest();
    this.wake();
    const patience = setTimeout(() => {
      this.isStopped = true;
    }, STOP_MS);
    while (this.running !== null) await this.running;
    clearTimeout(patience);
    this.isStopped = true;
    this.endRest();
    await this.remember();
  }

  private async run(): Promise<void> {
    const { ledger, publisher } = this.options;
    while (this.isOwed && publisher.isUp && !this.isStopped) {
      this.isOwed = false;
      const limit = Math.min(this.isDoubtful ? 1 : ROWS_AT_ONCE, publisher.roomForRecords);
      const rows = await ledger.readAfter({ row: this.row, limit });
      const last = rows.at(-1);
      // Owed again while we read: what we read is older than what is owed.
      if (last === undefined) continue;
      const now = Date.now();
      const sent = await Promise.all(
        rows.map(({ record }) => {
          if (record.schema === 'vision.override/1') return publisher.publishRecord(record);
          const historical = record.historical || now > Date.parse(record.validUntil);
          return publisher.publishRecord({ ...record, historical });
        }),
      );
      // The broker went away, or refuses one: from the first it did not take, again in a while.
      const failed = sent.indexOf(false);
      this.row = failed === -1 ? last.row : (rows[failed - 1]?.row ?? this.row);
      this.isDoubtful = failed !== -1;
      if (this.isDoubtful) this.takeRest();
      else if (rows.length === limit) this.isOwed = true;
      if (performance.now() - this.rememberedAt > REMEMBER_MS) await this.remember();
    }
  }

  private takeRest(): void {
    this.isOwed = false;
    this.rest = setTimeout(() => {
      this.rest = null;
      this.wake();
    }, AGAIN_MS);
  }

  private endRest(): void {
    if (this.rest !== null) clearTimeout(this.rest);
    this.rest = null;
  }

  private async remember(): Promise<void> {
    if (this.row === this.rememberedRow) return;
    await this.options.ledger.setCursor({ reader: READER, row: this.row });
    this.rememberedRow = this.row;
    this.rememberedAt = performance.now();
  }
}
