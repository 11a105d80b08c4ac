import type { ClockSync } from '#contracts';

/** Arrivals over which the camera's clock is compared with ours: the quickest of them carries the least transport. */
const COMPARED = 32;
/** Frames in a row behind the newest that no disorder explains: brokers have at most 20 in flight unless told otherwise. */
const SET_BACK = 20;

export interface ClockRules {
  /** The camera's clock is configured as synchronised. */
  readonly isSynchronised: boolean;
  /** Its offset may be this large, ms. */
  readonly toleranceMs: number;
  /** Taken off the window where the capture time is not known, ms. */
  readonly transportAllowanceMs: number;
}

export interface Moment {
  readonly cameraBootId: string | null;
  readonly seq: number | null;
  readonly captureTs: string | null;
  readonly receivedTs: string;
  /** Sent again by the broker, as what a broken connection left unacknowledged. */
  readonly isStale: boolean;
}

export interface Timing {
  /** Start of the gate's window, ms since 1970. */
  readonly startMs: number;
  readonly clockSync: ClockSync;
  /** Sequence numbers skipped just before this frame, first and last. */
  readonly missing: readonly [number, number] | null;
}

/**
 * When one camera's frames were taken, as far as it can be believed, and which of them are missing. A sequence number
 * or a clock that runs backwards never makes a frame fresher: a frame is at most as fresh as any later one.
 */
export class CameraClock {
  private readonly offsetsMs: number[] = [];
  private bootId: string | null = null;
  private newest: { seq: number; startMs: number } | null = null;
  /** What was the newest before the frame read last. */
  private before: { seq: number; startMs: number } | null = null;
  /** Frames in a row that were not newer than the newest, without those that the broker sent again: they are of before. */
  private behind = 0;

  constructor(private readonly rules: ClockRules) {}

  /** Go on from what the ledger remembers, so that a gap across a restart is seen. */
  restore({ cameraBootId, seq }: { cameraBootId: string | null; seq: number }): void {
    this.bootId = cameraBootId;
    this.newest = { seq, startMs: Number.POSITIVE_INFINITY };
  }

  /**
   * The number that the camera's count fell behind and has not passed since: it began to count anew under the same
   * bootId, and what it sends is taken for old. Null while it counts on, also in some disorder.
   */
  get setBackFrom(): number | null {
    return this.behind < SET_BACK ? null : (this.newest?.seq ?? null);
  }

  /** The frame read last was not accepted after all: its number is missing until it comes again. */
  takeBack({ seq }: { readonly seq: number | null }): void {
    if (seq !== null && this.newest?.seq === seq) this.newest = this.before;
  }

  read(moment: Moment): Timing {
    const { startMs, clockSync } = this.windowStart(moment);
    const { seq } = moment;
    if (seq === null) return { startMs, clockSync, missing: null };
    if (moment.cameraBootId !== this.bootId) {
      this.bootId = moment.cameraBootId;
      this.newest = null;
    }
    const { newest } = this;
    if (newest !== null && seq <= newest.seq) {
      if (!moment.isStale) this.behind += 1;
      return { startMs: Math.min(startMs, newest.startMs), clockSync, missing: null };
    }
    this.behind = 0;
    this.before = newest;
    this.newest = { seq, startMs };
    const isNext = newest === null || seq === newest.seq + 1;
    return { startMs, clockSync, missing: isNext ? null : [newest.seq + 1, seq - 1] };
  }

  private windowStart({ captureTs, receivedTs }: Moment): { startMs: number; clockSync: ClockSync } {
    const { isSynchronised, toleranceMs, transportAllowanceMs } = this.rules;
    const receivedMs = Date.parse(receivedTs);
    if (!isSynchronised) return { startMs: receivedMs - transportAllowanceMs, clockSync: 'none' };
    if (captureTs === null) return { startMs: receivedMs - transportAllowanceMs, clockSync: 'off' };
    const captureMs = Date.parse(captureTs);
    this.offsetsMs.push(receivedMs - captureMs);
    if (this.offsetsMs.length > COMPARED) this.offsetsMs.shift();
    const offsetMs = Math.min(...this.offsetsMs);
    if (Math.abs(offsetMs) > toleranceMs) return { startMs: receivedMs - transportAllowanceMs, clockSync: 'off' };
    return { startMs: Math.min(captureMs, receivedMs), clockSync: 'ok' };
  }
}
