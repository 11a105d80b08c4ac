import { type Frame, InputError, RefusedError, type Verdict } from '#contracts';
import type { Counters } from '../health/counters.js';
import type { Ledger } from '../ledger/ledger.js';
import { recordAtLast } from '../ledger/record.js';
import type { PartPlan } from '../parts/judge-part.js';
import type { Alarms } from '../state/alarms.js';
import type { Holds } from '../state/holds.js';
import { ANNOUNCED_MS, AnnouncedParts } from './announced-parts.js';
import { challengeResult } from './challenge-result.js';
import { ViewTrials } from './view-trials.js';

/** Names of settings in the ledger, before the camera's. */
const LOCK = 'challenge-lock ';
const CAUGHT = 'challenge-caught ';
const ANNOUNCED = 'challenge-announced ';
/** Between the words of a lock and its frame; no name has one. */
const BREAK = '\n';

export interface ChallengeOptions {
  readonly cameras: readonly string[];
  /** A shadow inspects for nobody and takes no commands: it locks no camera. */
  readonly isShadow: boolean;
  readonly plan: PartPlan | null;
  /** Each camera must catch a challenge part this often, ms; null = nobody reminds. */
  readonly everyMs: number | null;
  readonly ledger: Pick<Ledger, 'set'>;
  readonly holds: Holds;
  readonly alarms: Pick<Alarms, 'raise' | 'clear'>;
  readonly counters: Counters;
  /** What must survive a restart could not be written; it is tried again. */
  readonly onUnwritten: (error: unknown) => void;
}

/**
 * Challenge parts (red rabbits): known-bad parts that prove detection. One that the model lets through takes the
 * camera off the line until a named person puts it back; that survives a restart, and so does what was announced.
 */
export class ChallengeDesk {
  private readonly announced = new Map<string, AnnouncedParts>();
  /** By camera, monotonic ms. */
  private readonly caughtAt = new Map<string, number>();
  /** By camera, the frame of the challenge part that passed last. */
  private readonly missed = new Map<string, string>();
  /** By name, what a setting is to be, as it was last written or is to be written. */
  private readonly wanted = new Map<string, string | null>();

  private readonly trials: ViewTrials;

  constructor(private readonly options: ChallengeOptions) {
    this.trials = new ViewTrials({ plan: options.plan, onMissed: (verdict) => this.takeOff(verdict) });
  }

  /** @param settings of the ledger. Before the first frame. */
  async restore(settings: Readonly<Record<string, string>>): Promise<void> {
    for (const camera of this.options.cameras) {
      const lock = settings[LOCK + camera];
      if (lock !== undefined && !this.options.isShadow) {
        const [detail = '', frameId] = lock.split(BREAK);
        if (frameId !== undefined) this.missed.set(camera, frameId);
        await this.options.holds.set(camera, 'CHALLENGE', detail);
      }
      const caught = settings[CAUGHT + camera];
      const agoMs = Date.now() - Date.parse(caught ?? '');
      // One that is still to come was caught by a clock that was ahead: nobody knows when.
      if (agoMs >= 0) this.caughtAt.set(camera, performance.now() - agoMs);
      const announced = settings[ANNOUNCED + camera];
      if (announced !== undefined) this.announced.set(camera, AnnouncedParts.read(announced));
    }
  }

  /** The next parts at this camera are challenge parts. @throws DependencyError LEDGER_WRITE; then nothing is announced */
  async announce(camera: string, parts: number): Promise<string> {
    const announcement = AnnouncedParts.announce(parts, this.announced.get(camera));
    // On the disk before it is answered: after a restart the known-bad part would be one of the line.
    const name = ANNOUNCED + camera;
    this.wanted.delete(name);
    await this.options.ledger.set({ name, value: JSON.stringify(announcement.toStored()) });
    this.announced.set(camera, announcement);
    // One of those announced before was taken meanwhile.
    if (this.wanted.has(name)) this.keep(name, JSON.stringify(announcement.toStored()));
    const next = parts === 1 ? 'The next part' : `Each of the next ${parts} parts`;
    return `${next} at ${camera} within ${ANNOUNCED_MS / 1_000} s counts as a challenge part.`;
  }

  /** The frame as what it is: a person may have said that it shows a challenge part. To be released. */
  mark(frame: Frame): Frame {
    return this.announced.get(frame.camera)?.mark(frame) ?? frame;
  }

  /** What became of a frame that was marked is known: taken, or it was none of its own. */
  release(frame: Frame): void {
    this.announced.get(frame.camera)?.release(frame);
  }

  /** A frame was accepted as a challenge. */
  take({ camera, partId }: Pick<Frame, 'camera' | 'partId'>): void {
    const announced = this.announced.get(camera);
    if (announced?.take(partId) === true) this.keep(ANNOUNCED + camera, JSON.stringify(announced.toStored()));
  }

  /**
   * Where the model lets a challenge part through its camera is off the line. Called before the verdict is recorded: the
   * ledger takes calls in order, so that no crash leaves the verdict without its lock.
   */
  lock(verdict: Verdict): void {
    if (!this.options.isShadow && verdict.challenge) this.trials.add(verdict);
  }

  private takeOff(verdict: Verdict): void {
    const { camera, frameId, score } = verdict;
    const detail = `Challenge part of frame ${frameId} passed with score ${score?.toFixed(3)}. Find out why, then put the camera back by name: lineside command clear-challenge --camera ${camera} --frame ${quote(frameId)} --by "<your name>"`;
    this.missed.set(camera, frameId);
    void this.options.holds.set(camera, 'CHALLENGE', detail);
    this.keep(LOCK + camera, detail + BREAK + frameId);
  }

  /** What became of a challenge part. Called before anybody else hears the verdict. */
  see(verdict: Verdict): void {
    if (!verdict.challenge || verdict.historical) return;
    const { camera, ts } = verdict;
    const result = challengeResult(verdict);
    this.options.counters.count('challenges', { camera, result });
    if (result !== 'caught') return;
    this.caughtAt.set(camera, performance.now());
    this.keep(CAUGHT + camera, ts.decided);
  }

  /**
   * @param frameId of the challenge part that passed: a word on an earlier one, or one that comes twice, takes no later lock away
   * @throws InputError NOT_HELD when the camera is not locked; RefusedError HELD_AGAIN when it was locked anew since; DependencyError LEDGER_WRITE
   */
  async clear(camera: string, { frameId, by }: { frameId: string; by: string }): Promise<string> {
    const { holds, ledger } = this.options;
    const name = LOCK + camera;
    const lock = holds.detailOf(camera, 'CHALLENGE');
    if (lock === null) throw new InputError('NOT_HELD', `No challenge part passed at ${camera}: nothing to clear.`);
    this.refuseOther(camera, frameId);
    const before = this.wanted.get(name) ?? null;
    this.wanted.delete(name);
    try {
      // On the disk first: a lock that is gone here must not come back with a restart, nor the other way round.
      await ledger.set({ name, value: null });
    } catch (error) {
      if (before !== null && !this.wanted.has(name)) this.keep(name, before);
      throw error;
    }
    this.refuseOther(camera, frameId);
    this.missed.delete(camera);
    await holds.clear(camera, 'CHALLENGE');
    return `${camera} inspects again, by ${by}.`;
  }

  /** Forget what is over and remind of challenges that are due. Every second. */
  look(): void {
    const { cameras, everyMs, alarms } = this.options;
    for (const [camera, announced] of this.announced) if (announced.isOver) this.announced.delete(camera);
    if (everyMs === null) return;
    for (const camera of cameras) {
      const isDue = performance.now() - (this.caughtAt.get(camera) ?? Number.NEGATIVE_INFINITY) > everyMs;
      const hours = everyMs / 3_600_000;
      if (isDue) alarms.raise('CHALLENGE_DUE', `No challenge part was caught for ${hours} h. Run one.`, camera);
      else alarms.clear('CHALLENGE_DUE', camera);
    }
  }

  /** One that is known by no frame, of a ledger of before, is taken for the one that is meant. */
  private refuseOther(camera: string, frameId: string): void {
    if ((this.missed.get(camera) ?? frameId) === frameId) return;
    const now = this.options.holds.detailOf(camera, 'CHALLENGE');
    throw new RefusedError('HELD_AGAIN', `${camera} stays off the line, another one than ${frameId} passed. ${now}`);
  }

  /** Until the ledger has it, or it is to be something else: a lock is not forgotten because the disk was full just then. */
  private keep(name: string, value: string | null): void {
    const { ledger, onUnwritten } = this.options;
    this.wanted.set(name, value);
    const write = async (): Promise<void> => {
      if (this.wanted.get(name) === value) await ledger.set({ name, value });
    };
    void recordAtLast(write, onUnwritten);
  }
}

/** As one word of a shell: cameras choose the names of frames. */
function quote(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
}
