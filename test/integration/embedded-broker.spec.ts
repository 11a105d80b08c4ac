import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { connectAsync, type IPublishPacket, type MqttClient } from 'mqtt';
import { EmbeddedBroker } from '../../apps/inspector/src/broker/embedded-broker.js';

const FRAME = 'a/b/cam1/frame';

/** A broker, a camera, and the next frame that somebody else hears of it. */
async function start(): Promise<{ camera: MqttClient; heard: Promise<IPublishPacket> }> {
  const broker = new EmbeddedBroker();
  const url = await broker.start({ host: '127.0.0.1', port: 0 });
  const join = () => connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0 });
  const [camera, other] = await Promise.all([join(), join()]);
  after(() => broker.stop());
  const heard = new Promise<IPublishPacket>((resolve) => {
    other.on('message', (_topic, _payload, packet) => resolve(packet));
  });
  await other.subscribeAsync(FRAME, { qos: 1 });
  return { camera, heard };
}

describe('the embedded broker', { timeout: 20_000 }, () => {
  it('keeps to itself that a camera sent a frame twice', async () => {
    const { camera, heard } = await start();
    await camera.publishAsync(FRAME, 'picture', { qos: 1, dup: true });
    assert.equal((await heard).dup, false);
  });

  it('hangs up on who retains a frame, and lets a retained one be taken away', async () => {
    const { camera } = await start();
    await camera.publishAsync(FRAME, '', { qos: 1, retain: true });
    await camera.publishAsync(FRAME, 'picture', { qos: 1 });
    const hungUp = new Promise<void>((resolve) => camera.once('close', () => resolve()));
    camera.publish(FRAME, 'picture', { qos: 1, retain: true });
    await hungUp;
  });
});
