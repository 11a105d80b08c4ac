import { ErrorWithReasonCode, type IClientPublishOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import {
  type Alert,
  CameraClaim,
  type CameraState,
  type CodedError,
  type Heartbeat,
  InspectorState,
  type Override,
  type PartVerdict,
  readJson,
  type Topics,
  type Verdict,
} from '#contracts';
import type { CommandMessage, Reply } from '../commands/command-desk.js';
import type { Counters } from '../health/counters.js';
import { BrokerConnection, silentBroker } from './connection.js';
import { Echoes } from './echoes.js';
import { type ConnectionRequest, connectionOptions } from './options.js';
import { type Refusal, Refusals, type RefusalsOptions } from './refusals.js';
import { SendWindow } from './send-window.js';
import { subscribe } from './subscribe.js';

/** Verdicts for the broker and not yet acknowledged; a broker that stops answering does not fill our memory. */
const MAX_UNACKNOWLEDGED = 1_000;
/** Longest that the broker may take to acknowledge a message, ms; one that is well takes a few. */
const ACKNOWLEDGE_MS = 10_000;
/** Receive Maximum of a broker that names none (MQTT 5, 3.2.2.3.3). */
const UNLIMITED = 65_535;

/** What came of a message: the broker has it, said that it does not take it, or never answered. */
export type Delivery = 'taken' | 'refused' | 'lost';

export interface PublisherOptions extends Omit<ConnectionRequest, 'will'>, Pick<RefusalsOptions, 'onRefused'> {
  readonly topics: Topics;
  readonly inspectorId: string;
  readonly bootId: string;
  readonly cameras: readonly string[];
  readonly counters: Counters;
  /** A shadow: beyond the birth and end of its own inspector it says nothing. */
  readonly isMute: boolean;
  /** Connected anew: from now on others are heard. */
  readonly onListen: () => void;
  /** Everything is subscribed to. */
  readonly onUp: () => void;
  readonly onDown: (error: CodedError) => void;
  /** Retained state of an inspector or a camera, also our own. */
  readonly onInspector: (state: InspectorState) => void;
  readonly onCamera: (claim: CameraClaim) => void;
  /** A command to one of our cameras; null where it is not ours to carry out. */
  readonly onCommand: (command: CommandMessage) => Promise<Reply> | null;
}

interface Message extends IClientPublishOptions {
  readonly topic: string;
  readonly body: object;
  /** It is worth nothing when it had to wait longer than this, ms. */
  readonly patienceMs?: number;
}

/**
 * Everything that leaves for the broker, on a connection of its own. Nothing is kept for later: a verdict that cannot
 * be sent within its window is counted, and the gate rejects by its own timer.
 */
export class Publisher {
  private readonly connection: BrokerConnection;
  private window = new SendWindow(UNLIMITED);
  private unacknowledged = 0;
  private isAnnounced = false;
  private readonly refusals: Refusals;
  private readonly echoes: Echoes;

  constructor(private readonly options: PublisherOptions) {
    const { topics, inspectorId } = options;
    this.refusals = new Refusals(options);
    this.echoes = new Echoes((topic) => this.refusals.noteUnheard(topic));
    this.connection = new BrokerConnection({
      where: () =>
        connectionOptions({
          ...options,
          clientId: `${options.clientId}-publish`,
          will: { topic: topics.inspectorState(inspectorId), payload: JSON.stringify(this.inspectorState('OFFLINE')) },
        }),
      onDown: options.onDown,
      onUp: (client) => this.listen(client),
      onLive: options.onUp,
    });
  }

  /** @throws InputError, DependencyError BROKER_TLS where this inspector's own certificates are no use */
  start(): Promise<void> {
    return this.connection.start();
  }

  get isUp(): boolean {
    return this.connection.live !== null;
  }

  publishVerdict(verdict: Verdict): void {
    const { topics, counters } = this.options;
    const { camera } = verdict;
    if (this.canTake) this.publishForGate('verdict', topics.camera(camera, 'verdict'), verdict);
    else counters.count('verdicts_unpublished', { camera });
  }

  /** The word on a part of several views. */
  publishPart(part: PartVerdict): void {
    const { topics, counters } = this.options;
    if (this.canTake) this.publishForGate('part', topics.partVerdict(), part);
    else counters.count('parts_unpublished', {});
  }

  /** Records that may be on their way at once: the rest of the broker's window is for what cannot wait. */
  get roomForRecords(): number {
    return Math.ceil(this.window.size / 2);
  }

  publishRecord(record: Verdict | Override): Promise<Delivery> {
    const { topics } = this.options;
    return this.publish('record', { topic: topics.camera(record.camera, 'record'), body: record });
  }

  async publishState(state: CameraState): Promise<void> {
    const topic = this.options.topics.camera(state.camera, 'state');
    await this.publish('state', { topic, body: state, retain: true });
  }

  publishHeartbeat(heartbeat: Heartbeat): void {
    const topic = this.options.topics.camera(heartbeat.camera, 'heartbeat');
    void this.publish('heartbeat', { topic, body: heartbeat, qos: 0 });
  }

  /** @returns true when the broker has it */
  async publishAlert(alert: Alert): Promise<boolean> {
    return (await this.publish('alert', { topic: this.options.topics.alert(), body: alert })) === 'taken';
  }

  /** Birth: this inspector is there. */
  async announce(): Promise<void> {
    this.isAnnounced = true;
    await this.publishInspector('ONLINE');
  }

  /** With the word OFFLINE, where ONLINE was said. */
  stop(): Promise<void> {
    return this.connection.stop(async () => {
      if (this.isAnnounced) await this.publishInspector('OFFLINE');
    });
  }

  /** Topics of ours that the broker takes nothing on. */
  get refused(): readonly Refusal[] {
    return this.refusals.all;
  }

  private async publishInspector(state: InspectorState['state']): Promise<void> {
    const topic = this.options.topics.inspectorState(this.options.inspectorId);
    await this.publish('inspector', { topic, body: this.inspectorState(state), retain: true });
  }

  private inspectorState(state: InspectorState['state']): InspectorState {
    const { inspectorId, bootId } = this.options;
    return { schema: 'vision.inspector/1', inspectorId, bootId, state, ts: new Date().toISOString() };
  }

  private async listen(client: MqttClient): Promise<void> {
    const { topics, cameras, onListen } = this.options;
    this.window = new SendWindow(client.serverProperties?.receiveMaximum ?? UNLIMITED);
    this.refusals.forgetAll();
    this.echoes.settleAll();
    onListen();
    client.on('message', (topic, payload, packet) => {
      const camera = topics.cameraOf(topic, 'cmd');
      if (camera === null) this.hear(topic, payload.toString('utf8'), packet.retain);
      else void this.obey(camera, packet);
    });
    const ofCameras = cameras.flatMap((name) => [topics.camera(name, 'state'), topics.camera(name, 'cmd')]);
    await subscribe(client, this.options.url(), [topics.everyInspectorState(), ...ofCameras]);
  }

  /** Topics are shared: what is no state, or speaks of somebody else than its topic, is counted and left alone. */
  private hear(topic: string, text: string, isRetained: boolean): void {
    const { topics, counters, onInspector, onCamera } = this.options;
    const value = readJson(text);
    const ofCamera = topics.cameraOf(topic, 'state');
    const camera = ofCamera === null ? undefined : CameraClaim.safeParse(value).data;
    const inspector = ofCamera === null ? InspectorState.safeParse(value).data : undefined;
    if (!isRetained && (camera ?? inspector)?.bootId === this.options.bootId) this.hearOwn(topic);
    if (camera !== undefined && camera.camera === ofCamera) onCamera(camera);
    else if (inspector !== undefined && topic.endsWith(`/${inspector.inspectorId}/state`)) onInspector(inspector);
    else counters.count('messages_unreadable', {});
  }

  /** A word of ours came back; one that is retained is of before. */
  private hearOwn(topic: string): void {
    this.echoes.settle(topic);
    this.refusals.forget(topic);
  }

  private async obey(camera: string, { payload, retain, properties }: IPublishPacket): Promise<void> {
    const { topics, counters, onCommand } = this.options;
    // A retained command would be carried out again with every start.
    if (retain) return counters.count('commands_retained', {});
    const responseTopic = properties?.responseTopic ?? null;
    const reply = await onCommand({ camera, payload: payload.toString('utf8'), responseTopic });
    if (reply === null || reply.to === null) return;
    if (!topics.isReply(reply.to)) return counters.count('replies_refused', {});
    const correlationData = properties?.correlationData;
    const back = correlationData === undefined ? {} : { properties: { correlationData } };
    await this.publish('reply', { topic: reply.to, body: reply.body, ...back });
  }

  private get canTake(): boolean {
    return this.isUp && this.unacknowledged < MAX_UNACKNOWLEDGED;
  }

  /** What the gate acts on: nobody sends it for ever, and a PASS only in what is left of its window. */
  private publishForGate(name: string, topic: string, body: Verdict | PartVerdict): void {
    const { deadlineMs, validUntil, verdict } = body;
    const leftMs = Date.parse(validUntil) - Date.now();
    const patienceMs = verdict === 'PASS' ? Math.min(deadlineMs, leftMs) : deadlineMs;
    const messageExpiryInterval = Math.max(1, Math.ceil(deadlineMs / 1_000));
    void this.publish(name, { topic, body, patienceMs, properties: { messageExpiryInterval } });
  }

  private async publish(name: string, message: Message): Promise<Delivery> {
    const { topic, body, patienceMs = Number.POSITIVE_INFINITY, ...options } = message;
    const client = this.connection.live;
    if (client === null) return 'lost';
    if (this.options.isMute && name !== 'inspector') return 'taken';
    const text = JSON.stringify(body);
    const leaveBy = performance.now() + patienceMs;
    const send = async (): Promise<Delivery> => {
      // It may have waited for its turn: for a connection that is gone, or until nobody needs it any more.
      if (client !== this.connection.live || performance.now() > leaveBy) return 'lost';
      const impatience = setTimeout(() => client.emit('error', silentBroker(this.options.url())), ACKNOWLEDGE_MS);
      // MQTT.js never settles what was unacknowledged when it left: an inspector that stops does not wait for it.
      impatience.unref();
      // What is retained we hear ourselves.
      if (options.retain) this.echoes.expect(topic);
      await client.publishAsync(topic, text, { qos: 1, ...options }).finally(() => clearTimeout(impatience));
      if (options.retain) this.echoes.waitFor(topic);
      else this.refusals.forget(topic);
      return 'taken';
    };
    this.unacknowledged += 1;
    const delivery = await (options.qos === 0 ? send() : this.window.pass(send)).catch((error: unknown): Delivery => {
      this.echoes.settle(topic);
      if (!(error instanceof ErrorWithReasonCode)) return 'lost';
      this.refusals.note(name, topic, error);
      return 'refused';
    });
    this.unacknowledged -= 1;
    if (delivery !== 'taken') this.options.counters.count('publish_failures', { topic: name });
    return delivery;
  }
}
