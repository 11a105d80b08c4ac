import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startSilentBroker } from '../../../../test/factories/silent-broker.js';
import { startTcpServer } from '../../../../test/factories/tcp-server.js';
import { connectLine, connectOnce } from './connect.js';

describe('a broker of no use', () => {
  it('that takes the connection and never says yes or no is told apart from one that is not there', async () => {
    const url = await startSilentBroker([]);
    await assert.rejects(connectOnce(url, { connectTimeout: 50 }), {
      code: 'BROKER_SILENT',
      message: `Broker ${url} takes the connection and acknowledges nothing on it. Look into its log, or start it anew.`,
    });
  });

  it('that hangs up is named with what it did', async () => {
    const { port } = await startTcpServer((socket) => socket.destroy());
    await assert.rejects(connectLine({ url: `mqtt://127.0.0.1:${port}`, clientId: 'test' }), {
      code: 'BROKER_UNREACHABLE',
      message: /^Broker mqtt:\S+ cannot be reached: it closed the connection\. Check that it runs/,
    });
  });
});
