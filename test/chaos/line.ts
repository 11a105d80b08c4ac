import { AsyncResource } from 'node:async_hooks';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { InspectorConfig } from '#config';
import { Topics } from '#contracts';
import type { Registry } from '#registry';
import { Camera } from '../../apps/simulator/src/line/camera.js';
import { connectLine } from '../../apps/simulator/src/line/connect.js';
import { Gate, type GateOutcome } from '../../apps/simulator/src/line/gate.js';
import { listen } from '../../apps/simulator/src/line/listen.js';
import { Readiness } from '../../apps/simulator/src/line/readiness.js';
import { STATION } from '../factories/inspector.js';
import { type Environment, type InspectorProcess, startInspectorProcess } from '../factories/inspector-process.js';
import { type RunningMosquitto, startMosquitto } from '../factories/mosquitto.js';
import { requireTool, tempDir } from '../factories/tools.js';
import { Account, type Figures, type Opening } from './account.js';
import { Belt } from './belt.js';
import { isAtRest, openBooks, type Shelf } from './books.js';
import { type Blow, type Course, CourseBook } from './course.js';
import type { Dice } from './dice.js';
import { Feed, verdictOf } from './feed.js';
import { brokerLines, CAMERAS, type LineOptions, makeLineConfig, stockRegistry, WINDOW_MS } from './outfit.js';
import { end, findChildren } from './processes.js';
import { Tap, type WireFrame } from './tap.js';
import { type Sign, Witness } from './witness.js';

/** Longest wait for the line to show trouble, to work again, and for its books to be complete, ms. */
const SHOWN_MS = 30_000;
const WORKING_MS = 60_000;
const AT_REST_MS = 60_000;
const LOOK_MS = 100;

/**
 * A production line in miniature with its own truth: cameras, gate, a real broker, a network that can break and a real
 * inspector process. Everything that goes by is counted in `account`.
 */
export class ChaosLine {
  readonly topics = new Topics(STATION);
  readonly witness = new Witness(this.topics);
  readonly shelves: Shelf[] = [];
  account: Account;
  course = new CourseBook();
  inspector: InspectorProcess | null = null;
  broker: RunningMosquitto;
  feed: Feed;
  /** Runs something as part of the test that laid the line: what it starts ends with that test, not with a fault below it. */
  readonly #asOurs = new AsyncResource('ChaosLine');

  private constructor(
    readonly options: LineOptions,
    readonly dice: Dice,
    private readonly parts: {
      readonly broker: RunningMosquitto;
      readonly tap: Tap;
      readonly config: InspectorConfig;
      readonly registry: Registry;
      readonly belt: Belt;
    },
  ) {
    this.broker = parts.broker;
    this.account = new Account(this.windowMs);
    this.shelves.push({ dataDir: parts.config.inspector.dataDir, postgres: options.postgres ?? null });
    this.feed = new Feed({
      cameras: [],
      belt: parts.belt,
      gate: this.#makeGate(new Readiness(STATION)),
      ...this.#watchers(),
    });
  }

  /** Broker, network, registry, cameras and gate; the inspector is not started. Ends with the running test. */
  static async lay(options: LineOptions, dice: Dice): Promise<ChaosLine> {
    const broker = await startMosquitto(requireTool('mosquitto'), { config: brokerLines(options), isQuiet: true });
    let line: ChaosLine | null = null;
    const tap = new Tap({
      brokerPort: broker.port,
      onDelivered: ({ frameId }) => line?.account.delivered(frameId),
      onAcknowledged: (frame) => line?.sawAcknowledged(frame),
    });
    const url = `mqtt://127.0.0.1:${await tap.start()}`;
    const dir = tempDir();
    const registry = await stockRegistry(join(dir, 'registry'), options);
    const config = await makeLineConfig({ options, dir, url });
    line = new ChaosLine(options, dice, { broker, tap, config, registry, belt: await Belt.make(dice) });
    await line.#connect();
    return line;
  }

  get windowMs(): number {
    return this.options.windowMs ?? WINDOW_MS;
  }

  get tap(): Tap {
    return this.parts.tap;
  }

  get config(): InspectorConfig {
    return this.parts.config;
  }

  get registry(): Registry {
    return this.parts.registry;
  }

  get cameras(): readonly string[] {
    return this.options.cameras ?? CAMERAS;
  }

  /** Start the inspector, and wait until every camera is READY. */
  async startInspector(): Promise<void> {
    await this.forkInspector();
    await this.untilReady();
  }

  async forkInspector(): Promise<InspectorProcess> {
    const { env = {}, logins } = this.options;
    const secret: Environment = logins === undefined ? {} : { LINESIDE_BROKER_PASSWORD: logins.inspector.password };
    const start = (): Promise<InspectorProcess> => startInspectorProcess(this.config, { ...secret, ...env });
    this.inspector = await this.#asOurs.runInAsyncScope(start);
    return this.inspector;
  }

  /** By mistake, another inspector for the same cameras on a ledger of its own. Ends with the line. */
  async forkTwin(id: string): Promise<InspectorProcess> {
    const dataDir = tempDir();
    this.shelves.push({ dataDir, postgres: null });
    const config = { ...this.config, inspector: { ...this.config.inspector, id, dataDir } };
    return this.#asOurs.runInAsyncScope(() => startInspectorProcess(config));
  }

  async untilReady(): Promise<void> {
    const isReady = (): boolean => this.cameras.every((camera) => this.witness.readyBootId(camera) !== null);
    await this.witness.until(isReady, `READY of ${this.cameras.join(', ')}`, WORKING_MS);
  }

  /** The inspector, which must have been started. */
  get running(): InspectorProcess & { readonly pid: number } {
    const { inspector } = this;
    const pid = inspector?.child.pid;
    if (inspector === null || pid === undefined) throw new Error('expected a running inspector');
    return { ...inspector, pid };
  }

  get workerPids(): number[] {
    return findChildren(this.running.pid, 'worker.js');
  }

  /** kill -9. */
  async killInspector(): Promise<void> {
    await end(this.inspector, 'SIGKILL');
  }

  /** As a supervisor ends it: it drains. */
  async stopInspector(): Promise<void> {
    await end(this.inspector, 'SIGTERM');
  }

  async killBroker(): Promise<void> {
    await this.broker.kill();
  }

  /** Bring a killed broker back on its port. */
  async startBroker(): Promise<void> {
    const { port } = this.broker;
    const config = brokerLines(this.options);
    const start = (): Promise<RunningMosquitto> =>
      startMosquitto(requireTool('mosquitto'), { port, config, isQuiet: true });
    this.broker = await this.#asOurs.runInAsyncScope(start);
  }

  /** A random while in which parts go by. */
  async letPartsGo([low, high]: readonly [number, number] = [200, 900]): Promise<void> {
    await wait(this.dice.between(low, high));
  }

  /** One blow of a fault while parts go by: what showed it, and how long the line took to be itself again. */
  async strike({ harm, lastsMs = 0, mend, shownBy, recovered }: Blow): Promise<Sign> {
    const harmedAt = performance.now();
    await harm();
    const sign = await this.witness.untilSign(harmedAt, SHOWN_MS, shownBy);
    await wait(lastsMs);
    // Recovering includes starting again what died.
    const mendedAt = performance.now();
    await mend?.();
    if (recovered === undefined) await this.witness.untilPassed(mendedAt, WORKING_MS);
    else await recovered(mendedAt);
    this.course.tookToShow(sign.at - harmedAt, sign.what);
    this.course.tookToRecover(performance.now() - mendedAt);
    return sign;
  }

  /** Parts of a camera that the gate passed since this was asked last. */
  countPassed(camera: string): number {
    const count = this.#passed.get(camera) ?? 0;
    this.#passed.set(camera, 0);
    return count;
  }

  /** A fresh account: what is counted from now on belongs to the next fault. */
  open(): void {
    this.account = new Account(this.windowMs);
    this.course = new CourseBook();
  }

  /** Send nothing more and see what is on its way through, as long as it takes within reason. */
  async rest(): Promise<void> {
    await this.feed.rest();
    await wait(this.windowMs);
    const end = performance.now() + AT_REST_MS;
    while (!(await this.#isAtRest()) && performance.now() < end) await wait(LOOK_MS);
  }

  /** Let everything come to rest and compare it with the books. */
  async close(): Promise<Figures & Course> {
    await this.rest();
    return { ...this.account.audit(await openBooks(this.shelves)), ...this.course.soFar };
  }

  /** An inspector that found the camera taken takes its frames off the wire and leaves them to the holder. */
  private sawAcknowledged({ topic, frameId, clientId }: WireFrame): void {
    const holder = this.witness.holderOf(this.topics.cameraOf(topic, 'frame') ?? '');
    if (holder === null || clientId.includes(holder)) this.account.acknowledged(frameId);
  }

  async #isAtRest(): Promise<boolean> {
    const rests = await Promise.all(this.shelves.map(isAtRest));
    return rests.every(Boolean);
  }

  async #connect(): Promise<void> {
    const { logins } = this.options;
    const { url } = this.broker;
    const camera = await connectLine({ url, clientId: 'chaos-cameras', ...logins?.camera });
    const gate = await connectLine({ url, clientId: 'chaos-gate', ...logins?.gate });
    after(async () => {
      await Promise.all([camera.client.endAsync(true), gate.client.endAsync(true)]);
    });
    const readiness = new Readiness(STATION);
    const theGate = this.#makeGate(readiness);
    await listen({
      connection: gate,
      topics: this.topics,
      readiness,
      onVerdict: (verdict) => {
        const heardAt = performance.now();
        const readyBootId = this.witness.readyBootId(verdict.camera);
        this.#heard.set(verdict, { frameId: verdict.frameId, verdict, heardAt, readyBootId });
        this.witness.heard(verdict);
        theGate.hear(verdict);
      },
      onUnreadable: (topic, problem) => {
        throw new Error(`unreadable message on ${topic}: ${problem}`);
      },
    });
    // After `listen`: it hears each message first, and so does the gate.
    gate.client.on('message', (topic, payload) => this.witness.hear(topic, payload));
    gate.client.on('close', () => this.witness.lostBroker());
    await gate.client.subscribeAsync(
      [this.topics.alert(), this.topics.everyCamera('state'), this.topics.everyInspectorState()],
      { qos: 1 },
    );
    const cameras = (this.options.fedCameras ?? this.cameras).map((name) => {
      return new Camera({ connection: camera, topics: this.topics, name, isSimulated: false, windowMs: this.windowMs });
    });
    this.feed = new Feed({ cameras, belt: this.parts.belt, gate: theGate, ...this.#watchers() });
  }

  readonly #passed = new Map<string, number>();
  readonly #heard = new WeakMap<object, Opening>();

  #watchers(): Pick<ConstructorParameters<typeof Feed>[0], 'onSent' | 'onGated'> {
    return {
      onSent: (part) => this.account.sent(part),
      onGated: (outcome) => this.#gated(outcome),
    };
  }

  #gated(outcome: GateOutcome): void {
    const { frame, isPassed, cause } = outcome;
    if (cause === 'NO_VERDICT') this.witness.timedOut();
    if (!isPassed) return;
    const opening = this.#heard.get(verdictOf(outcome) ?? {});
    if (opening === undefined) throw new Error(`the gate opened for ${frame.partId} on a verdict nobody heard`);
    this.account.opened({ ...opening, frameId: frame.frameId });
    this.#passed.set(frame.camera, (this.#passed.get(frame.camera) ?? 0) + 1);
    this.witness.passed(frame.sentAt);
  }

  #makeGate(readiness: Readiness): Gate {
    const readyBootId = (camera: string): string | null => readiness.readyBootId(camera);
    return new Gate({ windowMs: this.windowMs, acceptsSimulated: false, readyBootId });
  }
}
