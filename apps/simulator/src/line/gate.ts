import type { PartVerdict, Verdict } from '#contracts';
import type { SentFrame } from './camera.js';

/** Why a part went where it went. NO_VERDICT: the window closed without a valid word. */
export type GateCause =
  | 'PASS'
  | 'FAIL'
  | 'INCONCLUSIVE'
  | 'NO_VERDICT'
  | 'NOT_READY'
  | 'OTHER_BOOT'
  | 'SIMULATED'
  | 'CHALLENGE'
  | 'HISTORICAL'
  | 'LATE';

/** What a gate reads of a verdict, on a frame or on a part. */
export type GateWord = Pick<
  Verdict,
  'camera' | 'partId' | 'verdict' | 'bootId' | 'historical' | 'challenge' | 'simulated' | 'late'
>;

/** Stands for the camera where a station has several views of each part. */
export const PART = 'part';

export interface GateOutcome {
  readonly frame: SentFrame;
  readonly isPassed: boolean;
  readonly cause: GateCause;
  /** The verdict that counted, or the last one refused; null when none came. */
  readonly verdict: GateWord | null;
  /** From trigger to that verdict, ms; null when none came. */
  readonly latencyMs: number | null;
}

export interface GateOptions {
  /** Time from the trigger within which PASS must arrive, ms, on the gate's own clock. */
  readonly windowMs: number;
  /** bootId of the inspector that is READY for this camera now, or null; see `Readiness`. */
  readonly readyBootId: (camera: string) => string | null;
  /** True only where the whole line is a simulation: a production gate never passes a simulated frame. */
  readonly acceptsSimulated: boolean;
}

interface Waiting {
  readonly frame: SentFrame;
  readonly decide: (outcome: GateOutcome) => void;
  readonly timer: NodeJS.Timeout;
  refused: { cause: GateCause; verdict: GateWord; latencyMs: number } | null;
}

/**
 * The reject gate. Rejects by default, on its own timer from its own trigger; passes only on the word PASS for the part
 * it waits for, in time, from the bootId now READY, neither challenge nor historical nor (on a production line) simulated.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Parts whose window is open. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Open the window for a part. Settles with FAIL or INCONCLUSIVE at once, with PASS at once, else when the window closes. */
  wait(frame: SentFrame): Promise<GateOutcome> {
    const key = keyOf(frame.camera, frame.partId);
    this.#close(key, 'NO_VERDICT');
    return new Promise((decide) => {
      const remaining = Math.max(0, frame.sentAt + this.#options.windowMs - performance.now());
      const timer = setTimeout(() => this.#close(key, 'NO_VERDICT'), remaining);
      this.#waiting.set(key, { frame, decide, timer, refused: null });
    });
  }

  /** Hear a verdict; false when no window is open for its part. */
  hear(verdict: GateWord): boolean {
    const key = keyOf(verdict.camera, verdict.partId ?? '');
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return false;
    const latencyMs = performance.now() - waiting.frame.sentAt;
    const cause = this.#judge(verdict, latencyMs);
    if (cause === 'PASS' || cause === 'FAIL' || cause === 'INCONCLUSIVE') {
      this.#settle(key, waiting, { frame: waiting.frame, isPassed: cause === 'PASS', cause, verdict, latencyMs });
      return true;
    }
    // A PASS that does not count leaves the window open: the part is rejected when it closes.
    waiting.refused = { cause, verdict, latencyMs };
    return true;
  }

  /** Hear the word on a part of several views; its window was opened for camera {@link PART}. */
  hearPart(part: PartVerdict): boolean {
    return this.hear({ ...part, camera: PART });
  }

  /** Close every open window now: rejected. */
  stop(): void {
    for (const key of [...this.#waiting.keys()]) this.#close(key, 'NO_VERDICT');
  }

  #judge(verdict: GateWord, latencyMs: number): GateCause {
    if (verdict.verdict !== 'PASS') return verdict.verdict;
    const readyBootId = this.#options.readyBootId(verdict.camera);
    if (readyBootId === null) return 'NOT_READY';
    if (verdict.bootId !== readyBootId) return 'OTHER_BOOT';
    if (verdict.historical) return 'HISTORICAL';
    if (verdict.challenge) return 'CHALLENGE';
    if (verdict.simulated && !this.#options.acceptsSimulated) return 'SIMULATED';
    if (verdict.late || latencyMs > this.#options.windowMs) return 'LATE';
    return 'PASS';
  }

  #close(key: string, cause: GateCause): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    const refused = waiting.refused ?? { cause, verdict: null, latencyMs: null };
    this.#settle(key, waiting, { frame: waiting.frame, isPassed: false, ...refused });
  }

  #settle(key: string, { timer, decide }: Waiting, outcome: GateOutcome): void {
    clearTimeout(timer);
    this.#waiting.delete(key);
    decide(outcome);
  }
}

function keyOf(camera: string, partId: string): string {
  return `${camera}/${partId}`;
}
