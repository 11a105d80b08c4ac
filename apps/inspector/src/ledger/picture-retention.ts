import { setTimeout as wait } from 'node:timers/promises';
import { InputError } from '#contracts';
import { BelievedTime } from './believed-time.js';
import type { Ledger } from './ledger.js';
import type { PictureStore } from './pictures.js';
import type { KeptPicture, PictureKind } from './rows.js';

/** Pictures looked at in one call of the ledger: its thread is the line's, it never waits long for us. */
const ROWS_AT_ONCE = 100;
/** Between two such calls, ms. */
const PAUSE_MS = 20;
const DAY_MS = 24 * 60 * 60 * 1_000;
/** Name of settings in the ledger, before the lot's. */
const HELD = 'held-lot ';

export interface RetentionOptions {
  /** Days after which a picture goes; null = never for its age. */
  readonly passDays: number | null;
  readonly rejectDays: number | null;
  /** Free bytes on the disk of the pictures below which those of passes go before their age, the oldest first. Rejects never do. */
  readonly pruneBelowBytes: number;
  readonly ledger: Pick<Ledger, 'keptPictures' | 'framesOfPicture' | 'cursor' | 'setCursor' | 'set'>;
  readonly pictures: Pick<PictureStore, 'remove' | 'freeBytes'>;
  /** `tight`: the lots on hold, where the disk is under its limit and no picture of a pass is left to go; null where there is room. */
  readonly onPruned: (removed: number, tight: readonly string[] | null) => void;
  /** Told at every look: how far ahead a clock is by which nothing goes for its age, days; null where it is believed. */
  readonly onDoubt: (days: number | null) => void;
}

/**
 * Takes pictures off the disk when their time is over or the disk gets full. What the ledger and the plant database
 * say of a frame stays; pictures of a lot on legal hold stay too. Beside the line: it waits for nothing here.
 */
export class PictureRetention {
  private readonly held = new Set<string>();
  private running: Promise<void> | null = null;
  private isStopped = false;
  /** Lots released so far: a walk that was under way then does not say how far it came. */
  private releases = 0;
  /** The first behind one of a wrong time that has a right one. */
  private later: KeptPicture | null = null;
  private readonly time: BelievedTime;

  constructor(private readonly options: RetentionOptions) {
    this.time = new BelievedTime(options);
  }

  /** @param settings of the ledger */
  restore(settings: Readonly<Record<string, string>>): void {
    this.time.restore(settings);
    for (const name of Object.keys(settings)) if (name.startsWith(HELD)) this.held.add(name.slice(HELD.length));
  }

  isHeld(lot: string | null): boolean {
    return lot !== null && this.held.has(lot);
  }

  async hold(lot: string): Promise<string> {
    await this.options.ledger.set({ name: HELD + lot, value: new Date().toISOString() });
    this.held.add(lot);
    return `Pictures of lot ${lot} stay, and from now on every picture of it is kept.`;
  }

  /** @throws InputError NOT_HELD */
  async release(lot: string): Promise<string> {
    const { ledger } = this.options;
    if (!this.held.has(lot))
      throw new InputError(
        'NOT_HELD',
        `Lot ${lot} is not on hold; on hold are: ${[...this.held].join(', ') || 'none'}.`,
      );
    await ledger.set({ name: HELD + lot, value: null });
    this.held.delete(lot);
    this.releases += 1;
    // What was passed over while the lot was on hold is looked at again.
    const anew = ['pass', 'reject'] as const;
    await Promise.all(anew.map((kind) => ledger.setCursor({ reader: readerOf(kind), row: 0 })));
    return `Lot ${lot} is released: its pictures go when their time is over.`;
  }

  /** Prune once, unless it is still at it. */
  look(nowMs = Date.now(), at = performance.now()): Promise<void> {
    this.running ??= this.prune(nowMs, at).finally(() => {
      this.running = null;
    });
    return this.running;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.running?.catch(() => undefined);
  }

  private async prune(clockMs: number, at: number): Promise<void> {
    const { passDays, rejectDays, pruneBelowBytes, pictures, onPruned } = this.options;
    const nowMs = this.time.look(clockMs, at);
    this.later = null;
    const isTight = async (): Promise<boolean> => (await pictures.freeBytes()) < pruneBelowBytes;
    const isOver = (days: number | null) => async (kept: KeptPicture) =>
      days !== null && nowMs - (await this.decidedMs(kept, nowMs)) > days * DAY_MS;
    // Room first: a full disk takes nothing that is written down here.
    let removed = (await isTight()) ? await this.walk('pass', isTight) : 0;
    removed += await this.walk('pass', isOver(passDays));
    removed += await this.walk('reject', isOver(rejectDays));
    onPruned(removed, (await isTight()) ? [...this.held] : null);
    await this.time.keep();
  }

  /** From where the last walk ended, oldest first, as long as pictures are to go. */
  private async walk(kind: PictureKind, isToGo: (kept: KeptPicture) => Promise<boolean>): Promise<number> {
    const { ledger, pictures } = this.options;
    const { releases } = this;
    const reader = readerOf(kind);
    const start = await ledger.cursor(reader);
    let row = start;
    let removed = 0;
    let isDone = false;
    while (!isDone && !this.isStopped) {
      const batch = await ledger.keptPictures({ row, limit: ROWS_AT_ONCE });
      isDone = batch.length < ROWS_AT_ONCE;
      for (const kept of batch) {
        if (kept.keptAs === kind && !this.isHeld(kept.lot)) {
          if (!(await isToGo(kept))) {
            isDone = true;
            break;
          }
          if (!(await this.isWanted(kept, kind)) && (await pictures.remove(kept.picture))) removed += 1;
        }
        row = kept.row;
      }
      await wait(PAUSE_MS);
    }
    if (row !== start && releases === this.releases) await ledger.setCursor({ reader, row });
    return removed;
  }

  /**
   * When a frame was decided, ms since 1970. One that says it is still to be was decided by a clock that was ahead, no later
   * than the next one that does not: else it held up all behind it until then.
   */
  private async decidedMs({ row, decidedTs }: KeptPicture, nowMs: number): Promise<number> {
    const saidMs = Date.parse(decidedTs);
    if (saidMs <= nowMs) return saidMs;
    if (this.later === null || this.later.row <= row) this.later = await this.findDecided(row, nowMs);
    return this.later === null ? nowMs : Date.parse(this.later.decidedTs);
  }

  /** The first kept picture after a row that was not decided later than now. In pieces: frames go into the ledger meanwhile. */
  private async findDecided(row: number, nowMs: number): Promise<KeptPicture | null> {
    let after = row;
    let batch: KeptPicture[];
    do {
      batch = await this.options.ledger.keptPictures({ row: after, limit: ROWS_AT_ONCE });
      const found = batch.find(({ decidedTs }) => Date.parse(decidedTs) <= nowMs);
      if (found !== undefined) return found;
      after = batch.at(-1)?.row ?? after;
      await wait(PAUSE_MS);
    } while (batch.length === ROWS_AT_ONCE && !this.isStopped);
    return null;
  }

  /** The same picture is kept for another frame: one that is on hold, or whose own time is still to come. */
  private async isWanted(kept: KeptPicture, kind: PictureKind): Promise<boolean> {
    const others = kind === 'pass' ? 'reject' : 'pass';
    const passed = await this.options.ledger.cursor(readerOf(others));
    const isToCome = ({ keptAs, row }: KeptPicture): boolean => row > (keptAs === kind ? kept.row : passed);
    if (await this.findFrame(kept, kept.row, isToCome)) return true;
    // Only the last frame of a picture comes here; a frozen camera may have thousands before it.
    return this.findFrame(kept, 0, (other) => this.isHeld(other.lot) || isToCome(other));
  }

  /** Any frame of this picture after a row. */
  private async findFrame(
    { picture }: KeptPicture,
    row: number,
    isIt: (other: KeptPicture) => boolean,
  ): Promise<boolean> {
    const { ledger } = this.options;
    // The next one is nearly always it.
    let others = await ledger.framesOfPicture({ picture, row, limit: 1 });
    while (others.length > 0) {
      if (others.some(isIt)) return true;
      others = await ledger.framesOfPicture({ picture, row: others.at(-1)?.row ?? row, limit: ROWS_AT_ONCE });
    }
    return false;
  }
}

function readerOf(kind: PictureKind): string {
  return `pruned-${kind}`;
}
