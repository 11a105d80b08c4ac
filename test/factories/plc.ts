import { Socket } from 'node:net';
import { after } from 'node:test';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import {
  Alert,
  CameraState,
  CommandReply,
  type FrameMetadata,
  Heartbeat,
  InspectorState,
  Override,
  PartVerdict,
  packEnvelope,
  Topics,
  Verdict,
} from '#contracts';
import { STATION } from './inspector.js';

const topics = new Topics(STATION);
type Said = Partial<Record<keyof FrameMetadata, string>>;

/** A camera and a PLC in one client: sends frames and hears everything an inspector says. */
export class Plc {
  readonly verdicts: Verdict[] = [];
  readonly records: Verdict[] = [];
  readonly overrides: Override[] = [];
  readonly states: CameraState[] = [];
  readonly inspectors: InspectorState[] = [];
  readonly heartbeats: Heartbeat[] = [];
  readonly alerts: Alert[] = [];
  readonly parts: PartVerdict[] = [];
  readonly replies: CommandReply[] = [];

  constructor(readonly client: MqttClient) {
    client.on('message', (topic, payload) => {
      const value: unknown = JSON.parse(payload.toString());
      if (topics.cameraOf(topic, 'record') !== null) {
        const said = Override.safeParse(value);
        if (said.success) this.overrides.push(said.data);
        else this.records.push(Verdict.parse(value));
      }
      if (topics.cameraOf(topic, 'state') !== null) this.states.push(CameraState.parse(value));
      if (topic.startsWith(`${topics.base}/inspector/`)) this.inspectors.push(InspectorState.parse(value));
      if (topics.cameraOf(topic, 'heartbeat') !== null) this.heartbeats.push(Heartbeat.parse(value));
      if (topic === topics.partVerdict()) this.parts.push(PartVerdict.parse(value));
      else if (topics.cameraOf(topic, 'verdict') !== null) this.verdicts.push(Verdict.parse(value));
      if (topic === topics.reply('plc')) this.replies.push(CommandReply.parse(value));
      if (topic === topics.alert()) this.alerts.push(Alert.parse(value));
    });
  }

  /** Publish with MQTT 5 user properties. Resolves with the broker's acknowledgement. */
  async send(picture: Uint8Array, said: Said | null = {}, camera = 'cam1'): Promise<void> {
    const properties = said === null ? {} : { properties: { userProperties: said } };
    await this.client.publishAsync(topics.camera(camera, 'frame'), Buffer.from(picture), { qos: 1, ...properties });
  }

  /** What no camera should do. */
  async retain(picture: Uint8Array, camera = 'cam1'): Promise<void> {
    await this.client.publishAsync(topics.camera(camera, 'frame'), Buffer.from(picture), { qos: 1, retain: true });
  }

  /** Publish with the envelope of 3.1.1 clients. */
  async sendEnvelope(
    picture: Uint8Array,
    metadata: Parameters<typeof packEnvelope>[0],
    camera = 'cam1',
  ): Promise<void> {
    await this.client.publishAsync(topics.camera(camera, 'frame'), packEnvelope(metadata, picture), { qos: 1 });
  }

  /** Ask for something and wait for the reply, by MQTT 5's response topic or, on 3.1.1, by what the JSON says. */
  async command(command: Readonly<Record<string, unknown>>, camera = 'cam1'): Promise<CommandReply> {
    const known = this.replies.length;
    const isVersion5 = this.client.options.protocolVersion === 5;
    const correlationId = `command-${known}`;
    const address = isVersion5 ? {} : { replyTo: topics.reply('plc'), correlationId };
    const asked = { responseTopic: topics.reply('plc'), correlationData: Buffer.from(correlationId) };
    const options = isVersion5 ? { qos: 1 as const, properties: asked } : { qos: 1 as const };
    await this.client.publishAsync(topics.camera(camera, 'cmd'), JSON.stringify({ ...command, ...address }), options);
    await this.until(() => this.replies.length > known, `a reply to ${JSON.stringify(command)}`);
    const reply = this.replies.at(-1);
    if (reply === undefined) throw new Error('expected a reply');
    return reply;
  }

  /** Wait, message by message, until this holds. @throws Error after `timeoutMs` with what was there */
  async until(isTrue: () => boolean, what: string, timeoutMs = 60_000): Promise<void> {
    let check = (): void => undefined;
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        check = () => isTrue() && resolve();
        timer = setTimeout(() => reject(new Error(this.describe(what, timeoutMs))), timeoutMs);
        this.client.on('message', check);
        check();
      });
    } finally {
      clearTimeout(timer);
      this.client.off('message', check);
    }
  }

  /** So many frames in all have their verdict and their record: two topics, and either word may come first. */
  async untilClosed(frames: number): Promise<void> {
    const isClosed = (): boolean => this.records.length === frames && this.verdicts.length >= frames;
    await this.until(isClosed, `${frames} verdicts and records`);
  }

  async untilReady(camera = 'cam1', bootId?: string): Promise<void> {
    const isReady = (): boolean => {
      const last = this.states.findLast((state) => state.camera === camera);
      return last?.state === 'READY' && (bootId === undefined || last.bootId === bootId);
    };
    await this.until(isReady, `${camera} READY`);
  }

  private describe(what: string, timeoutMs: number): string {
    const states = this.states.map(({ camera, state, reason }) => `${camera} ${reason ?? state}`).join(', ');
    return `waited ${timeoutMs} ms for ${what}; heard ${this.verdicts.length} verdicts, ${this.records.length} records, states ${states}`;
  }

  /** So many heartbeats from now on, of all cameras together. */
  async untilHeartbeats(count: number): Promise<void> {
    const enough = this.heartbeats.length + count;
    await this.until(() => this.heartbeats.length >= enough, `${count} heartbeats`);
  }

  async untilAlert(code: string): Promise<void> {
    await this.until(() => this.alerts.some((alert) => alert.code === code && alert.active), `alert ${code}`);
  }

  verdictOf(frameId: string): Verdict {
    const found = this.verdicts.find((verdict) => verdict.frameId === frameId);
    if (found === undefined) throw new Error(`expected a verdict for ${frameId}`);
    return found;
  }
}

/** Connect a camera and PLC to a broker; it leaves with the running test or suite. */
export async function connectPlc(url: string, options: IClientOptions = {}): Promise<Plc> {
  const client = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0, ...options });
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  const plc = new Plc(client);
  after(() => client.end(true));
  await client.subscribeAsync(
    [
      ...(['verdict', 'record', 'state', 'heartbeat'] as const).map((kind) => topics.everyCamera(kind)),
      topics.alert(),
      topics.reply('plc'),
      topics.everyInspectorState(),
    ],
    { qos: 1 },
  );
  return plc;
}
