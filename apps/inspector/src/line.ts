import { setTimeout as wait } from 'node:timers/promises';
import { type Frame, type InputError, messageOf, type Verdict } from '#contracts';
import type { ChallengeDesk } from './challenge/challenge-desk.js';
import type { LiveBoard } from './dashboard/live-board.js';
import type { Counters } from './health/counters.js';
import type { Reporter } from './health/reporter.js';
import { type Tallies, tallyVerdict } from './health/tally-verdict.js';
import type { Inference } from './inference/inference.js';
import { type Outcome, refuse } from './inference/outcome.js';
import { conflictOf, type IngestRules, type Message, readFrame, renameFrame } from './ingest/read-frame.js';
import { type Bench, bar, expiryOf, forGate, interrupted, judge, toArrival, unproven } from './judge.js';
import type { Ledger } from './ledger/ledger.js';
import type { Outbox } from './ledger/outbox.js';
import type { PictureStore } from './ledger/pictures.js';
import { recordAgain, recordAtLast, recordOnce } from './ledger/record.js';
import type { Acceptance, Arrival } from './ledger/rows.js';
import type { Publisher } from './mqtt/publisher.js';
import type { PartDesk } from './parts/part-desk.js';
import type { CameraPost, Recipes } from './recipes.js';
import type { Holds } from './state/holds.js';
import type { Supervision } from './supervision.js';

export interface Stations extends Bench {
  readonly rules: IngestRules;
  readonly cameras: ReadonlyMap<string, CameraPost>;
  readonly recipes: Pick<Recipes, 'deadlineOf'>;
  readonly ledger: Pick<Ledger, 'accept' | 'close' | 'overtake' | 'openFrames' | 'markBoot' | 'lastSequences'>;
  readonly inference: Pick<Inference, 'score'>;
  readonly pictures: Pick<PictureStore, 'choose' | 'keep' | 'keepLater'>;
  readonly publisher: Pick<Publisher, 'publishVerdict'>;
  readonly parts: Pick<PartDesk, 'recover' | 'arrive' | 'add' | 'drain'>;
  readonly outbox: Pick<Outbox, 'wake'>;
  readonly challenges: Pick<ChallengeDesk, 'mark' | 'release' | 'take' | 'lock'>;
  readonly holds: Pick<Holds, 'refuse'>;
  readonly supervision: Pick<Supervision, 'see'>;
  readonly board: Pick<LiveBoard, 'showVerdict' | 'showFrame'>;
  readonly counters: Counters;
  readonly reporter: Pick<Reporter, 'internalError' | 'frameRefused'>;
  /** The ledger cannot be written: the line is not ready from now on. */
  readonly onLedgerRefused: (error: unknown, frameId: string) => void;
}

interface Accepted {
  readonly frame: Frame;
  readonly arrival: Arrival;
  readonly refusal: InputError | null;
  /** Its camera was off the line when it came. */
  readonly held: Outcome | null;
  readonly acceptMs: number;
}

/** What the gate heard of a frame, and the content hash under which its picture is kept with the record. */
interface Heard {
  readonly frame: Frame;
  readonly verdict: Verdict;
  readonly picture: string | null;
}

/**
 * The road of one frame, from the broker to the gate, top to bottom. A frame comes in by `accept`; when that returns it
 * is on the disk and may be acknowledged; its one verdict follows by itself. The file is long because no part of the road
 * stands elsewhere.
 */
export class Line {
  private readonly open = new Map<string, Promise<Verdict>>();
  /** Frames on their way into the ledger. */
  private readonly arriving = new Set<Promise<void>>();

  constructor(private readonly stations: Stations) {}

  /** Close what a crash left open, and know each camera's last sequence number again. Before the first frame. */
  async recover(): Promise<number> {
    const { ledger, bootId, cameras, parts } = this.stations;
    const decidedTs = new Date().toISOString();
    const left = await ledger.openFrames();
    await Promise.all(
      left.map((arrival) => ledger.close({ verdict: interrupted(arrival, { bootId, decidedTs }), picture: null })),
    );
    await parts.recover();
    await ledger.markBoot(bootId);
    for (const last of await ledger.lastSequences([...cameras.keys()])) cameras.get(last.camera)?.clock.restore(last);
    return left.length;
  }

  /**
   * Stations 1 to 3; nothing else is awaited before the acknowledgement.
   * @throws DependencyError LEDGER_WRITE: not accepted, the gate was told INCONCLUSIVE, do not acknowledge
   */
  accept(message: Message): Promise<void> {
    const arriving = this.takeIn(message);
    this.arriving.add(arriving);
    const hasArrived = () => this.arriving.delete(arriving);
    void arriving.then(hasArrived, hasArrived);
    return arriving;
  }

  /** Accepted frames that have no verdict yet. */
  get openFrames(): number {
    return this.open.size;
  }

  /** When every frame that came by now has its verdict, or after this time. */
  async settle(timeoutMs: number): Promise<void> {
    const seenThrough = Promise.allSettled(this.arriving).then(() => Promise.all(this.open.values()));
    await Promise.race([seenThrough, wait(timeoutMs, null, { ref: false })]);
  }

  /**
   * See the frames that are here through, then give the parts that are begun their verdict with what is there. Where no frame
   * will come any more the next start closes what is open then.
   */
  async drain(timeoutMs: number): Promise<void> {
    const patience = wait(timeoutMs, null, { ref: false });
    await this.settle(timeoutMs);
    await Promise.race([this.stations.parts.drain(), patience]);
  }

  private async takeIn(message: Message): Promise<void> {
    const { camera } = message;
    const { rules, counters, challenges, holds } = this.stations;
    const { frame: sent, refusal } = readFrame(message, rules);
    const frame = challenges.mark(sent);
    // Now: a change-over may be over before the frame is on the disk.
    const held = holds.refuse(frame);
    try {
      const arrival = this.arrive(frame, message.isStale);
      const acceptance = await this.enterLedger(arrival);
      const acceptMs = performance.now() - message.receivedAt;
      switch (acceptance.kind) {
        case 'new':
          this.follow({ frame, arrival, refusal, held, acceptMs });
          return;
        case 'duplicate':
          this.post(camera).figures.duplicates += 1;
          counters.count('frames_duplicate', { camera });
          void this.repeat(acceptance);
          return;
        case 'conflict': {
          counters.count('frames_conflict', { camera });
          const renamed = renameFrame(frame);
          const own = { ...arrival, frameId: renamed.frameId, identity: renamed.identity, seq: null };
          await this.enterLedger(own);
          this.follow({ frame: renamed, arrival: own, refusal: conflictOf(frame), held, acceptMs });
        }
      }
    } finally {
      challenges.release(frame);
    }
  }

  private arrive(frame: Frame, isStale: boolean): Arrival {
    const timing = this.post(frame.camera).clock.read({ ...frame, isStale });
    return toArrival(frame, {
      timing,
      deadlineMs: this.stations.recipes.deadlineOf(frame.recipe, frame.camera),
      isStale,
    });
  }

  private async enterLedger(arrival: Arrival): Promise<Acceptance> {
    const { ledger, counters, publisher, onLedgerRefused, bootId } = this.stations;
    const { camera, frameId } = arrival;
    try {
      return await ledger.accept(arrival);
    } catch (error) {
      onLedgerRefused(error, frameId);
      this.post(camera).clock.takeBack(arrival);
      counters.count('frames_unacknowledged', { camera });
      const verdict = interrupted(arrival, { bootId, decidedTs: new Date().toISOString() });
      publisher.publishVerdict({ ...verdict, reason: 'INTERNAL', recorded: false, historical: false, late: false });
      throw error;
    }
  }

  /** The frame is on the disk: count it and see it through to its verdict. */
  private follow(accepted: Accepted): void {
    const { camera, frameId, missing } = accepted.arrival;
    const { figures } = this.post(camera);
    const { counters, parts, challenges } = this.stations;
    if (accepted.arrival.challenge) challenges.take(accepted.arrival);
    figures.accepted += 1;
    counters.count('frames_accepted', { camera });
    if (missing !== null) {
      const skipped = missing[1] - missing[0] + 1;
      figures.gaps += skipped;
      counters.count('frames_missing', { camera }, skipped);
    }
    parts.arrive(accepted.arrival);
    const verdict = this.inspect(accepted).finally(() => this.open.delete(frameId));
    this.open.set(frameId, verdict);
  }

  /** Stations 4 to 7. */
  private async inspect(accepted: Accepted): Promise<Verdict> {
    const { frame, arrival, acceptMs } = accepted;
    const { ledger, pictures, publisher, parts, challenges, holds, bootId, mode } = this.stations;
    const expiresAt = expiryOf(frame, arrival);

    const scored = await this.score(accepted, expiresAt);
    // Taken off the line while it was looked at, or by the challenge part before it in its batch.
    const outcome = (scored.kind === 'scored' ? holds.refuse(frame) : null) ?? scored;
    if (outcome.kind === 'refused') this.stations.reporter.frameRefused(frame, outcome);

    const decidedAt = performance.now();
    const isLate = decidedAt > expiresAt;
    const decidedTs = new Date().toISOString();
    const verdict = judge({ arrival, outcome, acceptMs, decidedTs, isLate, bootId, mode });
    challenges.lock(verdict);

    const picture = pictures.choose(frame, verdict);
    try {
      await recordOnce(() => ledger.close({ verdict, picture }));
    } catch (error) {
      return this.withhold(verdict, { frame, error, isOver: performance.now() > expiresAt });
    }

    const recordedAt = performance.now();
    const latencyMs = { ...verdict.latencyMs, record: recordedAt - decidedAt };
    const timed = { ...verdict, latencyMs };
    const heard = this.barHeld(forGate(timed, recordedAt > expiresAt));
    publisher.publishVerdict(heard);
    parts.add(heard, frame.bytes);
    if (heard.late !== isLate || heard.verdict !== verdict.verdict)
      void this.overtake({ frame, verdict: heard, picture });
    tallyVerdict(heard, performance.now() - frame.receivedAt, this.talliesOf(frame));
    this.spread({ frame, verdict: heard, picture });
    return heard;
  }

  /** Its camera was taken off the line since it was decided: a held one passes nothing. */
  private barHeld(verdict: Verdict): Verdict {
    return bar(verdict, this.stations.holds.refuse(verdict)?.reason ?? null);
  }

  /** The window ended while the verdict was recorded, or its camera was taken off the line: what the gate heard instead is recorded beside it, a reject. */
  private async overtake({ frame, verdict: heard, picture }: Heard): Promise<void> {
    const { ledger, outbox, pictures, counters, onLedgerRefused } = this.stations;
    if (picture === null) void pictures.keepLater(heard, frame.bytes);
    counters.count('verdicts_overtaken', { camera: heard.camera });
    await recordAtLast(
      () => ledger.overtake(heard),
      (error) => onLedgerRefused(error, heard.frameId),
    );
    outbox.wake();
  }

  /** To everybody behind the gate. None of them can hold up or end the line. */
  private spread({ frame, verdict, picture }: Heard): void {
    const { outbox, board, pictures, supervision } = this.stations;
    try {
      supervision.see(verdict);
      outbox.wake();
      board.showFrame(frame.camera, frame.frameId, frame.bytes);
      board.showVerdict(verdict);
      if (picture !== null) void pictures.keep(picture, frame.bytes);
    } catch (error) {
      this.tellBug(error, frame);
    }
  }

  private async score({ frame, refusal, held }: Accepted, expiresAt: number): Promise<Outcome> {
    if (refusal !== null)
      return refuse(refusal.code === 'FRAME_TOO_LARGE' ? 'FRAME_TOO_LARGE' : 'FRAME_METADATA', refusal.message);
    const { inference, holds } = this.stations;
    try {
      const refused = held ?? holds.refuse(frame);
      if (refused !== null) return refused;
      return await inference.score(frame, expiresAt);
    } catch (error) {
      this.tellBug(error, frame);
      return refuse('INTERNAL', messageOf(error));
    }
  }

  /**
   * Decided but not on the disk: the gate hears INCONCLUSIVE, never a verdict nobody can prove. That it was so is
   * recorded when the disk is back; until then the frame stays open, and a restart would close it as INTERRUPTED.
   */
  private async withhold(
    verdict: Verdict,
    { frame, error, isOver }: { frame: Frame; error: unknown; isOver: boolean },
  ): Promise<Verdict> {
    const { publisher, parts, counters, onLedgerRefused, ledger, outbox } = this.stations;
    const withheld = forGate(unproven(verdict), isOver);
    counters.count('verdicts_unrecorded', { camera: verdict.camera });
    onLedgerRefused(error, verdict.frameId);
    const heard = { ...withheld, recorded: false };
    publisher.publishVerdict(heard);
    parts.add(heard, frame.bytes);
    this.spread({ frame, verdict: heard, picture: null });
    const record = { verdict: { ...withheld, historical: true }, picture: null };
    await recordAgain(() => ledger.close(record));
    tallyVerdict(record.verdict, 0, this.talliesOf(verdict));
    outbox.wake();
    return record.verdict;
  }

  /** A frame that came again gets its first verdict again; after its window, as history and never as PASS, nor while its camera is held. */
  private async repeat({ frameId, verdict }: Extract<Acceptance, { kind: 'duplicate' }>): Promise<void> {
    const first = verdict ?? (await this.open.get(frameId));
    if (first === undefined) return;
    const nowMs = Date.now();
    // Before it came: the clock was set back since.
    const isOver = nowMs > Date.parse(first.validUntil) || nowMs < Date.parse(first.ts.received);
    this.stations.publisher.publishVerdict(
      this.barHeld(forGate({ ...first, historical: first.historical || isOver }, isOver)),
    );
  }

  private tellBug(error: unknown, { camera, frameId }: Frame): void {
    this.stations.counters.count('internal_errors', { camera });
    this.stations.reporter.internalError(error, frameId);
  }

  private talliesOf({ camera }: { readonly camera: string }): Tallies {
    return { counters: this.stations.counters, figures: this.post(camera).figures };
  }

  private post(camera: string): CameraPost {
    const post = this.stations.cameras.get(camera);
    if (post === undefined) throw new RangeError(`expected a configured camera, got ${camera}`);
    return post;
  }
}
