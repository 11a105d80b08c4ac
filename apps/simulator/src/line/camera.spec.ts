import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DependencyError, Topics } from '#contracts';
import { startMosquitto } from '../../../../test/factories/mosquitto.js';
import { STATION, startBroker } from '../../../../test/factories/scripted-line.js';
import { requireTool, tempDir } from '../../../../test/factories/tools.js';
import { Camera } from './camera.js';
import { connectLine } from './connect.js';
import { sendCommand } from './send-command.js';

const topics = new Topics(STATION);
const shot = { partId: 'p1', lot: 'l1', picture: Buffer.from('picture') };

describe('a camera without its broker', () => {
  it('does not wait for an acknowledgement longer than its window', async () => {
    const broker = await startBroker({ authorizePublish: () => undefined });
    const connection = await connectLine({ url: broker.url, clientId: 'test' });
    const camera = new Camera({ connection, topics, name: 'cam1', isSimulated: true, windowMs: 20 });
    await assert.rejects(
      camera.publish(shot, camera.trigger(shot)),
      (error) => error instanceof DependencyError && error.code === 'PUBACK_MISSING',
    );
    await connection.client.endAsync(true);
  });

  it('drops the frame instead of keeping it for later', async () => {
    const broker = await startBroker();
    const connection = await connectLine({ url: broker.url, clientId: 'test' });
    const camera = new Camera({ connection, topics, name: 'cam1', isSimulated: true, windowMs: 500 });
    const away = new Promise<void>((resolve) => connection.client.once('offline', resolve));
    await broker.stop();
    await away;
    await assert.rejects(
      camera.publish(shot, camera.trigger(shot)),
      (error) => error instanceof DependencyError && error.code === 'BROKER_AWAY',
    );
    await connection.client.endAsync(true);
  });
});

const mosquitto = requireTool('mosquitto');
describe('a camera of a broker that speaks MQTT 5', { skip: mosquitto.skip }, () => {
  it('sends bare pictures with user properties and an expiry', async () => {
    const broker = await startMosquitto(mosquitto);
    const connection = await connectLine({ url: broker.url, clientId: 'test' });
    assert.equal(connection.protocol, '5');
    const camera = new Camera({ connection, topics, name: 'cam1', isSimulated: true, windowMs: 59_500 });
    const arrived = new Promise<{ payload: Buffer; properties: Record<string, unknown> | undefined }>((resolve) =>
      connection.client.once('message', (_topic, payload, packet) =>
        resolve({ payload, properties: { ...packet.properties } }),
      ),
    );
    await connection.client.subscribeAsync(topics.camera('cam1', 'frame'), { qos: 1 });
    const frame = camera.trigger(shot);
    await camera.publish(shot, frame);
    const { payload, properties } = await arrived;
    await connection.client.endAsync();
    assert.equal(payload.toString(), 'picture');
    assert.equal(properties?.['messageExpiryInterval'], 60);
    const said = properties?.['userProperties'] as Record<string, string>;
    assert.deepEqual(
      [said['frameId'], said['partId'], said['lot'], said['seq'], said['simulated'], said['challenge']],
      [frame.frameId, 'p1', 'l1', '0', 'true', 'false'],
    );
  });

  it('is told where the broker does not let it send: BROKER_REFUSED', async () => {
    const rules = join(tempDir(), 'acl');
    writeFileSync(rules, 'topic read #\n');
    const broker = await startMosquitto(mosquitto, { config: [`acl_file ${rules}`, 'user root'] });
    const connection = await connectLine({ url: broker.url, clientId: 'test' });
    const camera = new Camera({ connection, topics, name: 'cam1', isSimulated: true, windowMs: 60_000 });
    const refused = { name: 'DependencyError', code: 'BROKER_REFUSED' };
    await assert.rejects(camera.publish(shot, camera.trigger(shot)), {
      ...refused,
      message: /cam1\/frame: .*identity/,
    });
    await connection.client.endAsync();
    const where = { url: broker.url, station: STATION, camera: 'cam1', username: null, password: null };
    const asking = sendCommand({ ...where, command: { command: 'clear-challenge', frameId: 'c1', by: 'Ada' } });
    await assert.rejects(asking, { ...refused, message: /cam1\/cmd/ });
  });
});
