import type { Override, PartVerdict, Verdict } from '#contracts';
import type { LedgerCalls } from './ledger-thread.js';
import type {
  Acceptance,
  Arrival,
  CloseRequest,
  KeptPicture,
  LastSequence,
  LedgerEvent,
  OverrideCall,
  OverrideOutcome,
  PartArrival,
  RecordRow,
} from './rows.js';
import { CallThread } from './thread-call.js';

/**
 * The ledger as the line sees it: calls into its thread. `accept` and `close` come back when the row is on the disk;
 * what is asked while a commit runs shares the next one.
 * Every call throws DependencyError LEDGER_WRITE when the disk refuses.
 */
export class Ledger {
  private readonly thread: CallThread<LedgerCalls>;

  /** @param onDeath told when the ledger's thread ends by itself: nothing can be accepted any more */
  constructor(onDeath: (error: Error) => void) {
    this.thread = new CallThread(new URL('./ledger-thread.js', import.meta.url), 'LEDGER_WRITE', onDeath);
  }

  /** @throws DependencyError LEDGER_OPEN */
  start(file: string): Promise<void> {
    return this.thread.start({ file });
  }

  stop(): Promise<void> {
    return this.thread.stop();
  }

  accept(arrival: Arrival): Promise<Acceptance> {
    return this.thread.call('accept', arrival);
  }

  close(request: CloseRequest): Promise<void> {
    return this.thread.call('close', request);
  }

  openPart(part: PartArrival): Promise<void> {
    return this.thread.call('openPart', part);
  }

  closePart(part: PartVerdict): Promise<void> {
    return this.thread.call('closePart', part);
  }

  openParts(): Promise<PartArrival[]> {
    return this.thread.call('openParts', undefined);
  }

  /** Keep for good what a person did. */
  note(event: LedgerEvent): Promise<void> {
    return this.thread.call('note', event);
  }

  /** Keep for good what a person said of a frame or part; durable when it comes back. */
  override(call: OverrideCall): Promise<OverrideOutcome> {
    return this.thread.call('override', call);
  }

  overridesOf(frameId: string): Promise<Override[]> {
    return this.thread.call('overridesOf', frameId);
  }

  settings(): Promise<Record<string, string>> {
    return this.thread.call('settings', undefined);
  }

  set(setting: { name: string; value: string | null }): Promise<void> {
    return this.thread.call('set', setting);
  }

  openFrames(): Promise<Arrival[]> {
    return this.thread.call('openFrames', undefined);
  }

  markBoot(bootId: string): Promise<void> {
    return this.thread.call('markBoot', bootId);
  }

  lastSequences(cameras: readonly string[]): Promise<LastSequence[]> {
    return this.thread.call('lastSequences', cameras);
  }

  readAfter(from: { row: number; limit: number }): Promise<RecordRow[]> {
    return this.thread.call('readAfter', from);
  }

  cursor(reader: string): Promise<number> {
    return this.thread.call('cursor', reader);
  }

  setCursor(at: { reader: string; row: number }): Promise<void> {
    return this.thread.call('setCursor', at);
  }

  keptPictures(from: { row: number; limit: number }): Promise<KeptPicture[]> {
    return this.thread.call('keptPictures', from);
  }

  othersOfPicture(of: { picture: string; row: number }): Promise<KeptPicture[]> {
    return this.thread.call('othersOfPicture', of);
  }

  verdictOf(frameId: string): Promise<Verdict | null> {
    return this.thread.call('verdictOf', frameId);
  }

  pictureOf(frameId: string): Promise<string | null> {
    return this.thread.call('pictureOf', frameId);
  }
}
