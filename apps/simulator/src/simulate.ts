import { randomUUID } from 'node:crypto';
import type { TlsSettings } from '#config';
import { messageOf, Topics } from '#contracts';
import { Camera } from './line/camera.js';
import { connectLine } from './line/connect.js';
import { Gate, type GateOutcome } from './line/gate.js';
import { listen } from './line/listen.js';
import { Outage } from './line/outage.js';
import { InFlight, type Pace, until } from './line/pace.js';
import { Readiness } from './line/readiness.js';
import { Tally, type TallyFigures } from './line/tally.js';
import { makePart, type Part, type PartSeries } from './part/part.js';

export interface SimulateOptions {
  /** `mqtt://host:port`. */
  readonly broker: string;
  readonly username?: string | null;
  readonly password?: string | null;
  /** For `mqtts://`. */
  readonly tls?: TlsSettings;
  /** `{enterprise}/{site}/{area}/{line}/{station}`. */
  readonly station: string;
  /** Parts are dealt to the cameras in turn; each part passes one of them. */
  readonly cameras: readonly string[];
  readonly parts: PartSeries;
  readonly pace: Pace;
  /** Parts to send; null = until `signal`. */
  readonly frames: number | null;
  /** The gate's window from the trigger, ms. */
  readonly windowMs: number;
  /** How long to wait for every camera to be READY before the first part, ms. */
  readonly readyTimeoutMs: number;
  /** After the last window a verdict may still be on its way: it counts as received though its part was rejected. Default 3000 ms. */
  readonly lastVerdictsMs?: number;
  readonly signal?: AbortSignal;
  /** After every part. */
  readonly onPart?: (event: { part: Part; outcome: GateOutcome; tally: TallyFigures }) => void;
  /** Something on the line that is not as it should be, in words. */
  readonly onTrouble?: (text: string) => void;
}

/** Frames that may wait for their verdict at once; beyond it a camera that runs by rate holds back. */
const MOST_WAITING = 512;
/** Parts drawn ahead of the camera: drawing one takes about 10 ms. */
const DRAWN_AHEAD = 4;

/**
 * Run a line with known truth: cameras send pictures of parts, the gate passes or rejects each, the tally compares. The
 * gate is the real one, save that it accepts simulated frames: nothing but drawn parts goes by here.
 * @throws DependencyError BROKER_UNREACHABLE | BROKER_SILENT | BROKER_REFUSED | BROKER_TLS, LINE_NOT_READY when no inspector is READY in time
 */
export async function simulate(options: SimulateOptions): Promise<TallyFigures> {
  const { station, cameras: names, pace, frames, windowMs, signal, onPart, onTrouble } = options;
  const topics = new Topics(station);
  const connection = await connectLine({ ...options, url: options.broker, clientId: `simulator-${randomUUID()}` });
  const readiness = new Readiness(station);
  const tally = new Tally();
  const gate = new Gate({
    windowMs,
    acceptsSimulated: true,
    readyBootId: (camera) => readiness.readyBootId(camera),
  });
  try {
    await listen({
      connection,
      topics,
      readiness,
      onVerdict: (verdict) => {
        tally.heard(verdict);
        gate.hear(verdict);
      },
      onUnreadable: (topic, problem) => onTrouble?.(`unreadable message on ${topic}: ${problem}`),
    });
    await readiness.untilReady(options.cameras, options.readyTimeoutMs);
    const cameras = names.map((name) => new Camera({ connection, topics, name, isSimulated: true, windowMs }));
    const supply = new PartSupply(options.parts);
    const outage = new Outage((text) => onTrouble?.(text));
    const inFlight = new InFlight(pace.kind === 'closed' ? cameras.length : MOST_WAITING);
    const start = performance.now();
    for (let number = 0; frames === null || number < frames; number++) {
      const due = pace.kind === 'closed' ? start : start + (number * 1000) / pace.framesPerSecond;
      if (!(await until(due, signal))) break;
      const part = await supply.next();
      const camera = cameras[number % cameras.length];
      if (camera === undefined) break;
      await inFlight.add(async () => {
        const outcome = await inspectPart({ part, camera, gate, tally, outage });
        tally.gated(part, outcome);
        onPart?.({ part, outcome, tally: tally.figures() });
      });
    }
    await inFlight.settle();
    await tally.untilAllHeard(options.lastVerdictsMs ?? 3_000);
    return tally.figures();
  } finally {
    gate.stop();
    await connection.client.endAsync(true);
  }
}

function inspectPart(options: {
  part: Part;
  camera: Camera;
  gate: Gate;
  tally: Tally;
  outage: Outage;
}): Promise<GateOutcome> {
  const { part, camera, gate, tally, outage } = options;
  const frame = camera.trigger(part);
  tally.sent(frame);
  // Not awaited: the part moves on whatever becomes of its frame, and the gate's own timer rejects it.
  camera.publish(part, frame).then(
    () => outage.sent(),
    (error: unknown) => outage.failed(`frame of ${part.partId} not sent: ${messageOf(error)}`),
  );
  return gate.wait(frame);
}

/** The next parts of a series, drawn before they are asked for. */
class PartSupply {
  readonly #series: PartSeries;
  readonly #drawn: Promise<Part>[] = [];
  #number = 0;

  constructor(series: PartSeries) {
    this.#series = series;
  }

  async next(): Promise<Part> {
    while (this.#drawn.length <= DRAWN_AHEAD) this.#drawn.push(makePart(this.#series, this.#number++));
    return this.#drawn.shift() ?? makePart(this.#series, this.#number++);
  }
}
