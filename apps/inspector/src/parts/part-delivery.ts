import type { PartVerdict } from '#contracts';
import type { LiveBoard } from '../dashboard/live-board.js';
import type { Counters } from '../health/counters.js';
import type { Reporter } from '../health/reporter.js';
import { tallyPart } from '../health/tally-part.js';
import { bar, forGate, unproven } from '../judge.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Outbox } from '../ledger/outbox.js';
import { recordAgain, recordAtLast, recordOnce } from '../ledger/record.js';
import type { Publisher } from '../mqtt/publisher.js';
import type { Holds } from '../state/holds.js';
import type { Supervision } from '../supervision.js';
import { findHold } from './judge-part.js';
import type { ViewPictures } from './view-pictures.js';

export interface PartDeliveryOptions {
  readonly ledger: Pick<Ledger, 'closePart' | 'overtake'>;
  readonly pictures: Pick<ViewPictures, 'settle'>;
  readonly publisher: Pick<Publisher, 'publishPart'>;
  readonly outbox: Pick<Outbox, 'wake'>;
  readonly board: Pick<LiveBoard, 'showPart'>;
  readonly supervision: Pick<Supervision, 'seePart'>;
  readonly holds: Pick<Holds, 'refuse'>;
  readonly counters: Counters;
  readonly reporter: Pick<Reporter, 'internalError'>;
  readonly onLedgerRefused: (error: unknown, frameId: string) => void;
}

/** The road of a part's verdict once it is given: on the disk, to the gate, to everybody behind it, as a frame's goes. */
export class PartDelivery {
  constructor(private readonly options: PartDeliveryOptions) {}

  /** Resolves when ledger and gate have it, however long the disk refuses. @param expiresAt monotonic ms at which its window ends */
  async deliver(verdict: PartVerdict, expiresAt: number): Promise<void> {
    const { ledger, outbox } = this.options;
    try {
      await recordOnce(() => ledger.closePart(verdict));
    } catch (error) {
      return this.withhold(verdict, { expiresAt, error });
    }
    const heard = this.say(verdict, expiresAt);
    outbox.wake();
    if (heard.late !== verdict.late || heard.verdict !== verdict.verdict) await this.overtake(heard);
  }

  /** The window ended while the verdict was recorded, or a camera of it was taken off the line, as with a frame's. */
  private async overtake(heard: PartVerdict): Promise<void> {
    const { ledger, outbox, counters, onLedgerRefused } = this.options;
    counters.count('parts_overtaken', {});
    await recordAtLast(
      () => ledger.overtake(heard),
      (error) => onLedgerRefused(error, heard.inspection),
    );
    outbox.wake();
  }

  /** Decided but not on the disk, as the line does with a frame's verdict. */
  private async withhold(verdict: PartVerdict, about: { expiresAt: number; error: unknown }): Promise<void> {
    const { ledger, outbox, counters, onLedgerRefused } = this.options;
    const withheld = unproven(verdict);
    counters.count('parts_unrecorded', {});
    onLedgerRefused(about.error, verdict.inspection);
    const { late } = this.say({ ...withheld, recorded: false }, about.expiresAt);
    await recordAgain(() => ledger.closePart({ ...withheld, late, historical: true }));
    outbox.wake();
  }

  /**
   * To the gate, and to everybody who goes by what it heard, whatever the disk does.
   * @returns the part as it was heard
   */
  private say(part: PartVerdict, expiresAt: number): PartVerdict {
    const { publisher, counters, holds } = this.options;
    // A part that lacks a view has its verdict when its window is over: that is no delay.
    const isWhole = part.views.every(({ verdict }) => verdict !== null);
    const heard = bar(forGate(part, isWhole && performance.now() > expiresAt), findHold(holds, part));
    publisher.publishPart(heard);
    tallyPart(heard, counters);
    this.spread(heard);
    return heard;
  }

  /** To everybody behind the gate, as a frame's verdict: none of them can hold up or end the line. */
  private spread(heard: PartVerdict): void {
    const { supervision, board, pictures, counters, reporter } = this.options;
    try {
      pictures.settle(heard);
      supervision.seePart(heard);
      board.showPart(heard);
    } catch (error) {
      counters.count('internal_errors', { camera: heard.views[0]?.camera ?? '' });
      reporter.internalError(error, heard.inspection);
    }
  }
}
