import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { generate, type Packet, parser } from 'mqtt-packet';
import { InspectorConfig } from '#config';
import { type CodedError, DependencyError, Topics } from '#contracts';
import { STATION } from '../../../../test/factories/scripted-line.js';
import { startTcpServer } from '../../../../test/factories/tcp-server.js';
import { Ingest } from './ingest.js';

const topics = new Topics(STATION);

/** A broker that sends one frame to every client that subscribes. Ends with the running test. */
async function startFeedingBroker(onPacket: (packet: Packet) => void): Promise<string> {
  const { port } = await startTcpServer((socket) => {
    const say = (packet: Packet): unknown => socket.write(generate(packet, { protocolVersion: 5 }));
    const packets = parser({ protocolVersion: 5 });
    packets.on('packet', (packet: Packet) => {
      onPacket(packet);
      if (packet.cmd === 'connect') say({ cmd: 'connack', reasonCode: 0, sessionPresent: false });
      if (packet.cmd !== 'subscribe') return;
      say({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: [1] });
      const topic = topics.camera('cam1', 'frame');
      say({ cmd: 'publish', topic, payload: 'picture', qos: 1, messageId: 7, dup: false, retain: false });
    });
    socket.on('data', (bytes) => packets.parse(bytes));
  });
  return `mqtt://127.0.0.1:${port}`;
}

describe('a frame', () => {
  it('that the ledger cannot take is not acknowledged; the next connection takes it: FRAME_REFUSED', async () => {
    const seen: string[] = [];
    let acknowledged: () => void = () => undefined;
    const isTaken = new Promise<void>((resolve) => {
      acknowledged = resolve;
    });
    const url = await startFeedingBroker(({ cmd, messageId }) => {
      if (cmd === 'connect') seen.push('connected');
      if (cmd !== 'puback') return;
      seen.push(`acknowledged ${messageId}`);
      acknowledged();
    });
    const told: CodedError[] = [];
    const ingest = new Ingest({
      url: () => url,
      broker: InspectorConfig.shape.broker.parse({ url }),
      secrets: { brokerPassword: null },
      clientId: 'inspector1',
      topics,
      cameras: ['cam1'],
      group: 'group',
      onFrame: async () => {
        seen.push('frame');
        if (seen.length < 3) throw new DependencyError('LEDGER_WRITE', 'Ledger cannot be written: disk full.');
      },
      onRetained: () => undefined,
      onUp: () => undefined,
      onDown: (error) => told.push(error),
    });
    after(() => ingest.stop());
    ingest.resume();
    await isTaken;
    assert.deepEqual(seen, ['connected', 'frame', 'connected', 'frame', 'acknowledged 7']);
    assert.deepEqual(
      told.map(({ code, message }) => [code, message]),
      [
        [
          'FRAME_REFUSED',
          'A frame of cam1 was not accepted and is not acknowledged: Ledger cannot be written: disk full. Connecting anew.',
        ],
      ],
    );
  });
});
