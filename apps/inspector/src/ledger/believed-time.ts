import type { Ledger } from './ledger.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** A clock that is so far ahead of the time believed last was set wrong, or nothing ran meanwhile, ms: longer than any weekend. */
const LEAP_MS = 7 * DAY_MS;
/** It is believed all the same when the inspector has run on by it for so long, ms. */
const PROBATION_MS = 7 * DAY_MS;
/** Name of the setting in the ledger. */
const SETTING = 'believed-time';

interface Belief {
  /** Since 1970. */
  readonly ms: number;
  /** How long the inspector has run by a clock that is far from it, ms; 0 where it is near. */
  readonly doubtedMs: number;
}

export interface BelievedTimeOptions {
  readonly ledger: Pick<Ledger, 'set'>;
  /** Told at every look: how far ahead a clock is that is not believed, days; null where it is. */
  readonly onDoubt: (days: number | null) => void;
}

/**
 * What the time is for whoever throws something away because of its age. A clock set wrong would make all of it too old at
 * once: one that leaps ahead is believed only when nobody has set it right in a week of running.
 */
export class BelievedTime {
  private belief: Belief | null = null;
  /** Monotonic ms; null before the first look. */
  private lookedAt: number | null = null;

  constructor(private readonly options: BelievedTimeOptions) {}

  /** @param settings of the ledger */
  restore(settings: Readonly<Record<string, string>>): void {
    const kept = settings[SETTING];
    if (kept !== undefined) this.belief = JSON.parse(kept) as Belief;
  }

  /**
   * @param nowMs what the clock says, ms since 1970. @param at monotonic ms
   * @returns what is believed, never later than the clock
   */
  look(nowMs: number, at: number): number {
    const ranMs = at - (this.lookedAt ?? at);
    this.lookedAt = at;
    this.belief = advance(this.belief ?? { ms: nowMs, doubtedMs: 0 }, { nowMs, ranMs });
    const { ms } = this.belief;
    this.options.onDoubt(nowMs - ms > LEAP_MS ? Math.round((nowMs - ms) / DAY_MS) : null);
    return Math.min(nowMs, ms);
  }

  /**
   * Over a restart: a clock that is wrong would begin as one that is believed.
   * @throws DependencyError LEDGER_WRITE
   */
  async keep(): Promise<void> {
    if (this.belief !== null) await this.options.ledger.set({ name: SETTING, value: JSON.stringify(this.belief) });
  }
}

/** One that was set far back is followed after as long: else it could go wrong again up to where it was, undoubted. */
function advance({ ms, doubtedMs }: Belief, { nowMs, ranMs }: { nowMs: number; ranMs: number }): Belief {
  if (Math.abs(nowMs - ms) <= LEAP_MS) return { ms: Math.max(ms, nowMs), doubtedMs: 0 };
  const soFarMs = doubtedMs + ranMs;
  if (soFarMs >= PROBATION_MS) return { ms: nowMs, doubtedMs: 0 };
  return { ms: nowMs > ms ? ms + ranMs : ms, doubtedMs: soFarMs };
}
