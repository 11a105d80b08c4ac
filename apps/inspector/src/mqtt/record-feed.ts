import { setTimeout as wait } from 'node:timers/promises';
import type { Ledger } from '../ledger/ledger.js';
import type { LedgerReader } from '../ledger/outbox.js';
import type { RecordRow } from '../ledger/rows.js';
import type { Delivery, Publisher } from './publisher.js';

const READER = 'record-topic';
/** Records of so long go out together, ms: one read of the ledger and one packet for all instead of each its own. */
const GATHER_MS = 20;
/** Records on their way to the broker at once, where it has room for so many. */
const ROWS_AT_ONCE = 100;
/** Rows looked through at once for one camera's records, some 4 ms of the ledger. */
const LOOK_ROWS = 1_000;
/** Cursors are written at most this often, ms: after a crash up to this much is sent again, as history. */
const REMEMBER_MS = 1_000;
/** Longest time for records that are still to be sent when stopping, ms; after an outage there may be millions. */
const STOP_MS = 2_000;
/** Rest after a record that the broker did not take, ms. */
const AGAIN_MS = 1_000;

/** How far the records of all cameras got, or of one that the others did not wait for. */
interface Lane {
  readonly reader: string;
  /** Null: all that have no lane of their own. */
  readonly camera: string | null;
  row: number;
  /** What its cursor says; null while there is none. */
  rememberedRow: number | null;
  /** The next record is one that the broker did not take: it is tried alone. */
  isDoubtful: boolean;
  isResting: boolean;
}

export interface RecordFeedOptions {
  readonly ledger: Pick<Ledger, 'readAfter' | 'readOfCamera' | 'cursors' | 'setCursor'>;
  readonly publisher: Pick<Publisher, 'publishRecord' | 'roomForRecords' | 'isUp'>;
  readonly onError: (error: unknown) => void;
}

/**
 * Brings every closed frame, and people's words on them, to their `record` topic, in the order of each camera; what comes
 * after its window says `historical`. A camera whose topic the broker refuses holds up no other: it falls behind on a lane
 * of its own and follows from the ledger when it is let in again.
 */
export class RecordFeed implements LedgerReader {
  private readonly main = laneOf(null, 0);
  private readonly behind = new Map<string, Lane>();
  private rememberedAt = 0;
  private isOwed = false;
  /** More records wait than go out at once. */
  private hasBacklog = false;
  private running: Promise<void> | null = null;
  private isStopped = false;
  private rest: NodeJS.Timeout | null = null;

  constructor(private readonly options: RecordFeedOptions) {}

  /** @throws DependencyError LEDGER_WRITE */
  async start(): Promise<void> {
    for (const [reader, row] of Object.entries(await this.options.ledger.cursors())) {
      const [name, camera] = reader.split('/');
      if (name !== READER) continue;
      if (camera !== undefined) this.behind.set(camera, { ...laneOf(camera, row), rememberedRow: row });
      else Object.assign(this.main, { row, rememberedRow: row });
    }
  }

  wake(): void {
    this.isOwed = true;
    if (this.running !== null || this.isStopped || !this.options.publisher.isUp) return;
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
    while (await this.isDue()) {
      this.isOwed = false;
      // One after the other: the line's own calls to the ledger come between.
      for (const lane of this.lanes) if (!lane.isResting) await this.advance(lane);
      if (performance.now() - this.rememberedAt > REMEMBER_MS) await this.remember();
    }
  }

  private async isDue(): Promise<boolean> {
    if (!this.hasBacklog) await wait(GATHER_MS);
    return this.isOwed && this.options.publisher.isUp && !this.isStopped;
  }

  /** All cameras first: those behind go up to where these are. */
  private get lanes(): Lane[] {
    return [this.main, ...this.behind.values()];
  }

  private async advance(lane: Lane): Promise<void> {
    const limit = Math.min(lane.isDoubtful ? 1 : ROWS_AT_ONCE, this.options.publisher.roomForRecords);
    const { rows, row } = await this.read(lane, limit);
    const sent = await Promise.all(rows.map((each) => this.send(each, lane)));
    // The broker went away: from the first that it did not take, again in a while. So with one that it refuses for a
    // camera behind; one of all cameras begins a lane of its camera instead.
    const failed = sent.findIndex((delivery) => delivery === 'lost' || (delivery === 'refused' && lane !== this.main));
    const done = failed === -1 ? rows : rows.slice(0, failed);
    for (const [i, refused] of done.entries()) if (sent[i] === 'refused') this.fallBehind(refused);
    lane.row = failed === -1 ? row : (done.at(-1)?.row ?? lane.row);
    lane.isDoubtful = failed !== -1;
    if (lane.isDoubtful) this.takeRest(lane);
    else if (lane === this.main) {
      this.hasBacklog = rows.length === limit;
      this.isOwed ||= this.hasBacklog;
    } else if (lane.row < this.main.row) this.isOwed = true;
    else await this.catchUp(lane);
  }

  /** @returns the next records of a lane, and the row up to which there are no others */
  private async read({ camera, row }: Lane, limit: number): Promise<{ rows: readonly RecordRow[]; row: number }> {
    const { ledger } = this.options;
    const upTo = Math.min(row + LOOK_ROWS, this.main.row);
    const rows = await (camera === null
      ? ledger.readAfter({ row, limit })
      : ledger.readOfCamera({ camera, row, upTo, limit }));
    const isAll = camera !== null && rows.length < limit;
    return { rows, row: isAll ? upTo : (rows.at(-1)?.row ?? row) };
  }

  private send({ record }: RecordRow, { camera }: Lane): Promise<Delivery | 'left'> {
    const { publisher } = this.options;
    if (camera === null && this.behind.has(record.camera)) return Promise.resolve('left');
    if (record.schema === 'vision.override/1') return publisher.publishRecord(record);
    const historical = record.historical || Date.now() > Date.parse(record.validUntil);
    return publisher.publishRecord({ ...record, historical });
  }

  private fallBehind({ row, record: { camera } }: RecordRow): void {
    if (this.behind.has(camera)) return;
    const lane = laneOf(camera, row - 1);
    this.behind.set(camera, lane);
    this.takeRest(lane);
  }

  /** The cursor first: one that stays would send all that came since once more, after the next start. */
  private async catchUp({ camera, reader }: Lane): Promise<void> {
    await this.options.ledger.setCursor({ reader, row: null });
    if (camera !== null) this.behind.delete(camera);
  }

  private takeRest(lane: Lane): void {
    lane.isResting = true;
    this.rest ??= setTimeout(() => {
      this.endRest();
      this.wake();
    }, AGAIN_MS);
  }

  private endRest(): void {
    if (this.rest !== null) clearTimeout(this.rest);
    this.rest = null;
    for (const lane of this.lanes) lane.isResting = false;
  }

  /** Those behind first: the cursor of all must not pass records that no other one stands before. */
  private async remember(): Promise<void> {
    for (const lane of this.lanes.reverse()) {
      const { reader, row, rememberedRow } = lane;
      if (row === rememberedRow) continue;
      await this.options.ledger.setCursor({ reader, row });
      lane.rememberedRow = row;
    }
    this.rememberedAt = performance.now();
  }
}

function laneOf(camera: string | null, row: number): Lane {
  const reader = camera === null ? READER : `${READER}/${camera}`;
  return { reader, camera, row, rememberedRow: null, isDoubtful: camera !== null, isResting: false };
}
