import { Alert, CameraState, InspectorState, type Topics, type Verdict } from '#contracts';
import { Changes } from '../../apps/simulator/src/line/changes.js';

/** Something by which the line shows that all is not well. */
export interface Sign {
  /** Monotonic ms. */
  readonly at: number;
  /** `NOT_READY(BROKER)`, `OFFLINE`, `alert PLANT`, `INCONCLUSIVE(INTERNAL)`, `gate timer`, `broker away`. */
  readonly what: string;
}

/** Reasons that are about the part and not about the line. */
const ABOUT_THE_PART: ReadonlySet<string> = new Set(['MODEL', 'GREY_ZONE']);
/** Verdicts take their time. */
const NEAR_MS = 800;
const MOST_SIGNS = 5_000;

/**
 * Stands beside the line: which inspector the broker calls READY, and when trouble showed. Reads the topics by itself, so
 * that what the gate believes can be compared with it.
 */
export class Witness {
  readonly #changes = new Changes();
  readonly #cameras = new Map<string, CameraState>();
  readonly #inspectors = new Map<string, InspectorState>();
  readonly #signs: Sign[] = [];
  /** How far the clock of the inspector that spoke last is from ours, ms. */
  #clockOffMs = 0;
  /** Newest trigger of a part that the gate passed, and when it did. */
  #passed = { triggeredAt: Number.NEGATIVE_INFINITY, at: 0 };

  constructor(private readonly topics: Topics) {}

  /** Take in any message of the station. */
  hear(topic: string, payload: Buffer): void {
    const { topics } = this;
    if (topic === topics.alert()) {
      const alert = Alert.parse(JSON.parse(payload.toString()));
      if (alert.active) this.#note(`alert ${alert.code}`);
    } else if (topics.cameraOf(topic, 'state') !== null) {
      const state = CameraState.parse(JSON.parse(payload.toString()));
      this.#cameras.set(state.camera, state);
      if (state.state === 'NOT_READY') this.#note(`NOT_READY(${state.reason})`);
    } else if (topic.startsWith(`${topics.base}/inspector/`)) {
      const state = InspectorState.parse(JSON.parse(payload.toString()));
      this.#inspectors.set(state.inspectorId, state);
      if (state.state === 'OFFLINE') this.#note('OFFLINE');
    }
    this.#changes.tell();
  }

  heard({ verdict, reason, ts }: Verdict): void {
    this.#clockOffMs = Date.parse(ts.decided) - Date.now();
    this.#changes.tell();
    if (verdict === 'INCONCLUSIVE' && !ABOUT_THE_PART.has(reason)) this.#note(`INCONCLUSIVE(${reason})`);
  }

  /** The gate opened for a part of this trigger. */
  passed(triggeredAt: number): void {
    if (triggeredAt > this.#passed.triggeredAt) this.#passed = { triggeredAt, at: performance.now() };
    this.#changes.tell();
  }

  /** The gate's connection to the broker is gone. */
  lostBroker(): void {
    this.#note('broker away');
  }

  /** The gate rejected because no valid word came in its window. */
  timedOut(): void {
    this.#note('gate timer');
  }

  readyBootId(camera: string): string | null {
    const state = this.#cameras.get(camera);
    const inspector = this.#inspectors.get(state?.inspectorId ?? '');
    const isReady = state?.state === 'READY' && inspector?.state === 'ONLINE' && inspector.bootId === state.bootId;
    return isReady ? state.bootId : null;
  }

  /** bootId of the inspector that spoke last for a camera. */
  holderOf(camera: string): string | null {
    return this.#cameras.get(camera)?.bootId ?? null;
  }

  /** Reason a camera is not READY for, as it was last said. */
  reasonOf(camera: string): string | null {
    return this.#cameras.get(camera)?.reason ?? null;
  }

  /** Wait until this is so, looking at every message. @throws Error naming what did not come */
  async until(holds: () => boolean, what: string, timeoutMs: number): Promise<void> {
    if (await this.#changes.until(holds, { timeoutMs })) return;
    const states = [...this.#cameras.values()].map(({ camera, state, reason }) => `${camera} ${reason ?? state}`);
    throw new Error(`waited ${timeoutMs} ms for ${what}; cameras: ${states.join(', ')}`);
  }

  /** Wait until verdicts carry times that are so far off ours. */
  async untilClockOff(seconds: number): Promise<void> {
    const isOff = (): boolean => Math.abs(this.#clockOffMs - seconds * 1_000) < NEAR_MS;
    await this.until(isOff, `verdicts ${seconds} s off our clock`, 10_000);
  }

  /** The first sign of trouble after a moment; one of these words, or any. */
  async untilSign(after: number, timeoutMs: number, words?: readonly string[]): Promise<Sign> {
    const find = (): Sign | undefined =>
      this.#signs.find(({ at, what }) => at >= after && (words === undefined || words.includes(what)));
    await this.until(() => find() !== undefined, `a sign of trouble (${words?.join(', ') ?? 'any'})`, timeoutMs);
    const sign = find();
    if (sign === undefined) throw new Error('expected the sign that was waited for');
    return sign;
  }

  /** When the gate passed a part that was triggered after a moment. */
  async untilPassed(triggeredAfter: number, timeoutMs: number): Promise<number> {
    const isPassed = (): boolean => this.#passed.triggeredAt >= triggeredAfter;
    await this.until(isPassed, 'a part that passes the gate', timeoutMs);
    return this.#passed.at;
  }

  #note(what: string): void {
    this.#signs.push({ at: performance.now(), what });
    if (this.#signs.length > MOST_SIGNS) this.#signs.shift();
    this.#changes.tell();
  }
}
