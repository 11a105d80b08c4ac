import { setTimeout as wait } from 'node:timers/promises';
import {
  CodedError,
  DependencyError,
  messageOf,
  type PartPage,
  type PartQuery,
  type VerdictPage,
  type VerdictQuery,
} from '#contracts';
import type { LedgerReader } from './outbox.js';
import type { PlantOptions, PlantStore } from './plant-store.js';
import type { SpokenOf } from './rows.js';
import { CallThread } from './thread-call.js';

/** What the main thread may ask of the plant database. */
export const PLANT_CALLS = [
  'connect',
  'forward',
  'toCome',
  'search',
  'searchParts',
  'newestOf',
] as const satisfies readonly (keyof PlantStore)[];
type PlantCalls = Pick<PlantStore, (typeof PLANT_CALLS)[number]>;

/**
 * Frames that are closed within this time go over together, ms: one transaction and one flush to the disk for all, and
 * nobody behind the plant database waits for less.
 */
const GATHER_MS = 200;
/** Waits between attempts while the plant database is away, ms: doubled up to the second figure. */
const RETRY_MS = [500, 30_000] as const;
/** Longest wait of who asks for a plant database that is being opened, ms: new tables and indexes may take an hour. */
const PATIENCE_MS = 2_000;
/** One that is not open after this long is told, ms: a PostgreSQL that falls silent fails before. */
const OPEN_MS = 20_000;
/** Longest wait for the plant database when stopping, ms; supervisors kill after 10 s or later, and draining comes first. */
const STOP_MS = 5_000;

export interface PlantEvents {
  /** It went away (with the error) or is back (null). */
  readonly onState: (error: CodedError | null) => void;
  /** Another ledger under the same name, one that was put back: everything in it is brought over again. */
  readonly onAnew: (row: number) => void;
  readonly onDeath: (error: Error) => void;
}

/** The plant database as the rest sees it: filled from the ledger by cursor in its own thread, searched by the page. */
export class Plant implements LedgerReader {
  private readonly thread: CallThread<PlantCalls>;
  private running: Promise<void> | null = null;
  private isOwed = false;
  private isStarted = false;
  private retry: NodeJS.Timeout | null = null;
  private waitMs: number = RETRY_MS[0];
  /** Somebody was told that it is away. */
  private isTold = false;
  private rowsBehind = 0;
  private isBehindKnown = false;
  /** Open as far as is known: what fails begins with a fresh connection. */
  private isConnected = false;
  private connecting: Promise<void> | null = null;
  /** From then on nothing is gathered any more. */
  private readonly end = new AbortController();
  /** When it first had everything that the ledger has. */
  readonly caughtUp: Promise<void>;
  private tellCaughtUp = (): void => undefined;

  constructor(private readonly events: PlantEvents) {
    this.thread = new CallThread(new URL('./plant-thread.js', import.meta.url), 'PLANT_WRITE', events.onDeath);
    this.caughtUp = new Promise((resolve) => {
      this.tellCaughtUp = resolve;
    });
  }

  /** @throws DependencyError PLANT_OPEN */
  async start(options: PlantOptions): Promise<void> {
    await this.thread.start(options);
    this.isStarted = true;
    this.wake();
  }

  /** Brings over what the ledger has as long as that is a matter of seconds, then ends; the rest waits in the ledger. */
  async stop(): Promise<void> {
    this.end.abort();
    const patience = wait(STOP_MS, 'over' as const, { ref: false });
    const isOver = (await Promise.race([this.bringRest(), patience])) === 'over';
    if (isOver && this.isStarted) this.events.onState(unfinished());
    this.isStarted = false;
    if (this.retry !== null) clearTimeout(this.retry);
    await this.thread.stop(patience);
  }

  /** Ledger rows not brought over yet, as of the last attempt; NaN until it was reached once. */
  get behind(): number {
    return this.isBehindKnown ? this.rowsBehind : Number.NaN;
  }

  wake(): void {
    this.isOwed = true;
    if (this.running !== null || this.retry !== null || !this.isStarted) return;
    this.running = this.run().finally(() => {
      this.running = null;
      // Asked for between the last look and now.
      if (this.isOwed) this.wake();
    });
  }

  /** Past verdicts on frames, newest first. @throws DependencyError PLANT_READ */
  search(query: VerdictQuery): Promise<VerdictPage> {
    return this.read(() => this.thread.call('search', query));
  }

  /** Past verdicts on parts of several views, newest first. @throws DependencyError PLANT_READ */
  searchParts(query: PartQuery): Promise<PartPage> {
    return this.read(() => this.thread.call('searchParts', query));
  }

  /** The newest record of a part, also where it is still to be brought over. @throws DependencyError PLANT_READ */
  newestOf(partId: string): Promise<SpokenOf | null> {
    return this.read(() => this.thread.call('newestOf', partId));
  }

  private async read<T>(ask: () => Promise<T>): Promise<T> {
    if (!this.isConnected) await this.opened();
    return ask();
  }

  /** Nobody waits for tables to be made: what is asked meanwhile is refused in words. @throws DependencyError PLANT_READ */
  private async opened(): Promise<void> {
    const connected = this.connect().catch((cause: unknown) => {
      throw new DependencyError('PLANT_READ', messageOf(cause), { cause });
    });
    const patience = wait(PATIENCE_MS, 'over' as const, { ref: false });
    if ((await Promise.race([connected, patience])) === 'over') throw beingOpened('PLANT_READ');
  }

  private async connect(): Promise<void> {
    this.connecting ??= this.openAloud().finally(() => {
      this.connecting = null;
    });
    await this.connecting;
    this.isConnected = true;
  }

  private async openAloud(): Promise<void> {
    const impatience = setTimeout(() => this.tell(beingOpened('PLANT_WRITE')), OPEN_MS);
    await this.thread.call('connect', undefined).finally(() => clearTimeout(impatience));
  }

  private tell(error: CodedError | null): void {
    // Ended in the middle of it, and that is said.
    if (!this.isStarted) return;
    this.isTold = error !== null;
    this.events.onState(error);
  }

  private async bringRest(): Promise<void> {
    // Away now: it waits for the next start.
    if (this.retry === null) this.wake();
    while (this.running !== null) await this.running;
  }

  private async forward(): Promise<void> {
    if (!this.isConnected) await this.connect();
    const { behind, anewFrom } = await this.thread.call('forward', undefined);
    this.fallBehind(behind);
    if (anewFrom !== null) this.events.onAnew(anewFrom);
  }

  private fallBehind(rows: number | null): void {
    if (rows === null) return;
    this.rowsBehind = rows;
    this.isBehindKnown = true;
  }

  private async run(): Promise<void> {
    try {
      while (this.isOwed || this.rowsBehind > 0) {
        if (this.rowsBehind === 0) await wait(GATHER_MS, undefined, { signal: this.end.signal }).catch(isStopping);
        this.isOwed = false;
        await this.forward();
      }
      this.tellCaughtUp();
      if (this.isTold) this.tell(null);
      this.waitMs = RETRY_MS[0];
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      this.isConnected = false;
      if (!this.isStarted) return;
      this.tell(error);
      this.retry = setTimeout(() => {
        this.retry = null;
        this.wake();
      }, this.waitMs);
      this.waitMs = Math.min(this.waitMs * 2, RETRY_MS[1]);
      this.fallBehind(await this.thread.call('toCome', undefined).catch(() => null));
    }
  }
}

function beingOpened(code: string): DependencyError {
  return new DependencyError(
    code,
    'Plant database is being opened, and brought up to this version where it is not: over the records of years that takes a while. Verdicts go on, records wait in the ledger; ask again later.',
  );
}

function unfinished(): DependencyError {
  return new DependencyError(
    'PLANT_WRITE',
    `The plant database did not take everything within ${STOP_MS / 1_000} s at the end. Nothing is lost: the next start goes on from the ledger.`,
  );
}

/** The wait was cut short on purpose. */
function isStopping(): void {}
