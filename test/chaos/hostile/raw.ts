import { once } from 'node:events';
import { connect } from 'node:net';
import { generate } from 'mqtt-packet';
import type { Dice } from '../dice.js';
import { makeRubbish } from './pictures.js';

/** Bytes that are no MQTT, or MQTT that breaks its rules. */
export function makeRawPackets(dice: Dice): readonly Buffer[] {
  return [
    makeBadTopic(),
    makeRubbish(400, dice),
    makeEndless(),
    // A remaining length of five bytes, which MQTT does not have.
    Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff]),
    // QoS 3.
    Buffer.from([0x36, 5, 0, 1, 0x61, 0, 1]),
    Buffer.from([0x00, 0x00]),
  ];
}

/** PUBLISH that announces 256 MB and sends four bytes. */
export function makeEndless(): Buffer {
  return Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0x61, 0]);
}

/** PUBLISH on a topic that is no UTF-8 (0xC3 0x28), QoS 1, MQTT 5. */
export function makeBadTopic(): Buffer {
  const topic = Buffer.from([0xc3, 0x28, 0x2f, 0x66, 0x72, 0x61, 0x6d, 0x65]);
  const body = Buffer.concat([
    Buffer.from([0, topic.byteLength]),
    topic,
    Buffer.from([0x7f, 0xff, 0]),
    Buffer.from('x'),
  ]);
  return Buffer.concat([Buffer.from([0x32, body.byteLength]), body]);
}

/** Log in to a broker, then send these bytes; settles when it hung up, or when it did not for a moment. */
export async function sendRaw(
  port: number,
  login: { username: string; password: string },
  bytes: Buffer,
): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  // However it hangs up, also by a reset: that is its good right.
  const hungUp = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  const { username, password } = login;
  socket.write(
    generate(
      {
        cmd: 'connect',
        clientId: `raw-${bytes.byteLength}`,
        protocolVersion: 5,
        clean: true,
        keepalive: 1,
        username,
        password: Buffer.from(password),
      },
      { protocolVersion: 5 },
    ),
  );
  await once(socket, 'data');
  socket.on('error', () => undefined);
  socket.write(bytes);
  socket.setTimeout(200, () => socket.destroy());
  await hungUp;
}
