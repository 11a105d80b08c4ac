import { after } from 'node:test';
import { Aedes, type AedesOptions } from 'aedes';
import { connectAsync, type MqttClient } from 'mqtt';
import { type FrameMetadata, Topics, unpackEnvelope, type Verdict } from '#contracts';
import { makeCameraState, makeVerdict } from './live.js';
import { startTcpServer } from './tcp-server.js';

export const STATION = 'demo/site/area/line1/st1';
const BOOT_ID = 'boot1';

/** What a scripted inspector says to a frame: fields of its verdict, or null for silence. */
export type Answer = (frame: FrameMetadata, picture: Uint8Array) => Partial<Verdict> | null;

/** A broker in this process (MQTT 3.1.1) on a port of the system's choice; ends with the running test or suite. */
export async function startBroker(options: AedesOptions = {}): Promise<{ url: string; stop(): Promise<void> }> {
  const broker = await Aedes.createBroker(options);
  const server = await startTcpServer((socket) => broker.handle(socket));
  let isOpen = true;
  const stop = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await server.stop();
    await new Promise<void>((resolve) => broker.close(resolve));
  };
  after(stop);
  return { url: `mqtt://127.0.0.1:${server.port}`, stop };
}

/**
 * An inspector that answers every frame by script, with a verdict and a record, and says READY for its cameras.
 * Strict: a frame without an envelope or on a retained topic is an error.
 */
export async function startScriptedInspector(options: {
  url: string;
  cameras: readonly string[];
  answer: Answer;
  state?: 'READY' | 'NOT_READY';
}): Promise<{ client: MqttClient; stop(): Promise<void> }> {
  const topics = new Topics(STATION);
  const client = await connectAsync(options.url, { protocolVersion: 4, reconnectPeriod: 0 });
  const say = (topic: string, body: object, retain = false) =>
    client.publishAsync(topic, JSON.stringify(body), { qos: 1, retain });
  client.on('message', (topic, payload, packet) => {
    const camera = topics.cameraOf(topic, 'frame');
    if (camera === null) return;
    if (packet.retain) throw new Error('a frame was retained');
    const { metadata, picture } = unpackEnvelope(payload);
    const fields = options.answer(metadata, picture);
    if (fields === null) return;
    const verdict = makeVerdict({
      camera,
      bootId: BOOT_ID,
      frameId: metadata.frameId ?? 'none',
      partId: metadata.partId ?? null,
      simulated: metadata.simulated,
      challenge: metadata.challenge,
      ...fields,
    });
    say(topics.camera(camera, 'verdict'), verdict);
    say(topics.camera(camera, 'record'), verdict);
  });
  await client.subscribeAsync(topics.everyCamera('frame'), { qos: 1 });
  const inspectorId = 'inspector1';
  const ts = new Date().toISOString();
  await say(
    topics.inspectorState(inspectorId),
    { schema: 'vision.inspector/1', inspectorId, state: 'ONLINE', bootId: BOOT_ID, ts },
    true,
  );
  for (const camera of options.cameras) {
    const state = makeCameraState({
      camera,
      inspectorId,
      bootId: BOOT_ID,
      ...(options.state === 'NOT_READY' ? { state: 'NOT_READY', reason: 'NO_MODEL' } : {}),
    });
    await say(topics.camera(camera, 'state'), state, true);
  }
  const stop = (): Promise<void> => client.endAsync(true);
  after(stop);
  return { client, stop };
}
