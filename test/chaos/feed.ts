import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Verdict } from '#contracts';
import { Camera, type SentFrame } from '../../apps/simulator/src/line/camera.js';
import type { Gate, GateOutcome } from '../../apps/simulator/src/line/gate.js';
import { until } from '../../apps/simulator/src/line/pace.js';
import type { SentPart } from './account.js';
import type { Belt, BeltPart } from './belt.js';

export interface FeedOptions {
  readonly cameras: readonly Camera[];
  readonly belt: Belt;
  readonly gate: Gate;
  /** Before the frame is published. */
  readonly onSent: (part: SentPart) => void;
  readonly onGated: (outcome: GateOutcome) => void;
}

/** Parts on their way past the cameras: each is photographed, and the gate waits for its verdict. */
export class Feed {
  readonly #options: FeedOptions;
  #number = 0;
  #stop = new AbortController();
  #running: Promise<void>[] = [];

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Parts at a steady rate whatever happens, past one camera or all of them in turn, until `rest`. */
  start(partsPerSecond: number, camera?: string): void {
    const cameras = this.#options.cameras.filter(({ name }) => camera === undefined || name === camera);
    this.#running.push(this.#run({ partsPerSecond, cameras, signal: this.#stop.signal }));
  }

  async rest(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
    this.#stop = new AbortController();
    this.#running = [];
  }

  get cameras(): readonly Camera[] {
    return this.#options.cameras;
  }

  /** So many parts as fast as they get their verdicts, with at most `inFlight` on their way. */
  async push(parts: number, inFlight: number): Promise<void> {
    const open = new Set<Promise<unknown>>();
    for (let sent = 0; sent < parts; sent++) {
      while (open.size >= inFlight) await Promise.race(open);
      const camera = nextOf(this.cameras, sent);
      const outcome: Promise<unknown> = this.send(camera).outcome.finally(() => open.delete(outcome));
      open.add(outcome);
      // Verdicts come in between, also where nothing has to be waited for.
      if (sent % inFlight === 0) await nextTurn();
    }
    await Promise.all(open);
  }

  /** One part past one camera; its frame is published unless `isHeldBack`. */
  send(
    camera: Camera,
    options: { isHeldBack?: boolean } = {},
  ): { frame: SentFrame; shot: BeltPart & { partId: string; lot: string }; outcome: Promise<GateOutcome> } {
    const { belt, gate, onSent, onGated } = this.#options;
    this.#number += 1;
    const part = belt.next();
    const shot = { ...part, partId: `p${this.#number}`, lot: 'l1' };
    const frame = camera.trigger(shot);
    const { frameId, seq, partId, sentAt } = frame;
    onSent({ frameId, camera: camera.name, partId, seq, sentAt, isDefective: part.isDefective, score: part.score });
    const outcome = gate.wait(frame);
    void outcome.then(onGated);
    // A frame the broker does not take is gone: the part moves on, and the gate's own timer rejects it.
    if (!options.isHeldBack) void camera.publish(shot, frame).catch(() => undefined);
    return { frame, shot, outcome };
  }

  async #run(run: { partsPerSecond: number; cameras: readonly Camera[]; signal: AbortSignal }): Promise<void> {
    const { partsPerSecond, cameras, signal } = run;
    const start = performance.now();
    for (let number = 0; await until(start + (number * 1_000) / partsPerSecond, signal); number++) {
      this.send(nextOf(cameras, number));
      // Behind its time it would not let anybody else speak.
      if (number % 16 === 0) await nextTurn();
    }
  }
}

function nextOf(cameras: readonly Camera[], number: number): Camera {
  const camera = cameras[number % cameras.length];
  if (camera === undefined) throw new RangeError('expected a camera');
  return camera;
}

/** The gate gives back the very verdict it was given. */
export function verdictOf({ verdict }: GateOutcome): Verdict | null {
  return verdict as Verdict | null;
}
