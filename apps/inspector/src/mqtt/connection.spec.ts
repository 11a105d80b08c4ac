import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { MqttClient } from 'mqtt';
import { type CodedError, DependencyError } from '#contracts';
import { startBroker } from '../../../../test/factories/scripted-line.js';
import { startSilentBroker } from '../../../../test/factories/silent-broker.js';
import { EmbeddedBroker } from '../broker/embedded-broker.js';
import { BrokerConnection } from './connection.js';

describe('a connection to the broker', () => {
  const broker = new EmbeddedBroker();
  let url = '';
  before(async () => {
    url = await broker.start({ host: '127.0.0.1', port: 0 });
  });
  after(() => broker.stop());

  it('that was stopped stays away, also when somebody resumes it afterwards', async () => {
    let attempts = 0;
    const where = () => {
      attempts += 1;
      return { url, options: { reconnectPeriod: 0 } };
    };
    const connection = new BrokerConnection({ where, onUp: async () => undefined, onDown: () => undefined });
    await connection.start();
    assert.notEqual(connection.live, null);
    await connection.stop();
    connection.resume();
    assert.equal(attempts, 1);
    assert.equal(connection.live, null);
  });

  it('whose certificates are no use when it comes back waits for better ones', async () => {
    const url = 'mqtts://127.0.0.1:1';
    const where = () => ({ url, options: { reconnectPeriod: 0, key: 'half a key', cert: 'half a certificate' } });
    const told = await new Promise<CodedError>((resolve) => {
      const connection = new BrokerConnection({ where, onUp: async () => undefined, onDown: resolve });
      after(() => connection.stop());
      connection.resume();
    });
    assert.ok(told instanceof DependencyError);
    assert.equal(told.code, 'BROKER_TLS');
    assert.match(told.message, /ERR_OSSL_.*broker\.key/);
  });

  it('that is not to be had tries again by itself, and tells each reason once', async () => {
    const told: string[] = [];
    let attempts = 0;
    const where = () => {
      attempts += 1;
      const options = {
        reconnectPeriod: 0,
        ...(attempts < 3 ? {} : { key: 'half a key', cert: 'half a certificate' }),
      };
      return { url: `${attempts < 3 ? 'mqtt' : 'mqtts'}://127.0.0.1:1`, options };
    };
    await new Promise<void>((resolve, reject) => {
      const onDown = ({ code }: CodedError): void => {
        told.push(code);
        if (code === 'BROKER_TLS') resolve();
      };
      const connection = new BrokerConnection({ where, onUp: async () => undefined, onDown });
      after(() => connection.stop());
      connection.start().catch(reject);
    });
    assert.deepEqual(told, ['BROKER_UNREACHABLE', 'BROKER_TLS']);
  });

  it('that the broker closes without a word is told and made anew: BROKER_LOST', async () => {
    let drop: (() => void) | null = null;
    const told: CodedError[] = [];
    const isBack = new Promise<void>((resolve, reject) => {
      const connection: BrokerConnection = new BrokerConnection({
        where: () => ({ url, options: { reconnectPeriod: 0 } }),
        onUp: async () => undefined,
        onLive: () => {
          if (drop !== null) return resolve();
          drop = () => connection.live?.stream.end();
          drop();
        },
        onDown: (error) => told.push(error),
      });
      after(() => connection.stop());
      connection.start().catch(reject);
    });
    await isBack;
    assert.deepEqual(
      told.map(({ code }) => code),
      ['BROKER_LOST'],
    );
    assert.match(told[0]?.message ?? '', /^Broker mqtt:.* closed the connection\. Its log says why/);
  });

  it('that stood for 5 s or less counts as a failed attempt: waits grow until one has lasted longer', async ({
    mock,
  }) => {
    const standMs = [0, 0, 5_000, 5_001, 0];
    const waits: number[] = [];
    let nowMs = 1;
    mock.method(performance, 'now', () => nowMs);
    mock.method(Math, 'random', () => 1);
    const later = setTimeout;
    mock.method(globalThis, 'setTimeout', (run: () => void, ms?: number) => {
      if (![250, 500, 1_000, 2_000].includes(ms ?? 0)) return later(run, ms);
      waits.push(ms ?? 0);
      return later(run, 0);
    });
    await new Promise<void>((resolve, reject) => {
      const connection: BrokerConnection = new BrokerConnection({
        where: () => ({ url, options: { reconnectPeriod: 0 } }),
        onUp: async () => undefined,
        onLive: () => {
          const ms = standMs.shift();
          if (ms === undefined) return resolve(connection.stop());
          nowMs += ms;
          connection.live?.stream.destroy();
        },
        onDown: () => undefined,
      });
      connection.start().catch(reject);
    });
    assert.deepEqual(waits, [250, 500, 1_000, 250, 500]);
  });

  it('that breaks while it takes leave has left', async () => {
    let hear: () => void = () => undefined;
    const heard = new Promise<void>((resolve) => {
      hear = resolve;
    });
    const deaf = await startBroker({ authorizePublish: () => hear() });
    const where = () => ({ url: deaf.url, options: { protocolVersion: 4 as const, reconnectPeriod: 0 } });
    const connection = new BrokerConnection({ where, onUp: async () => undefined, onDown: () => undefined });
    await connection.start();
    void connection.live?.publishAsync('never/acknowledged', '', { qos: 1 });
    await heard;
    const stopped = connection.stop();
    await deaf.stop();
    await stopped;
    assert.equal(connection.live, null);
  });

  it('leaves a broker that has fallen silent, whether or not that takes its last words', {
    timeout: 20_000,
  }, async () => {
    const silent = await startSilentBroker(['connect']);
    for (const words of ['', 'never acknowledged']) {
      const where = () => ({ url: silent, options: { protocolVersion: 4 as const, reconnectPeriod: 0 } });
      const connection = new BrokerConnection({ where, onUp: async () => undefined, onDown: () => undefined });
      await connection.start();
      const { live } = connection;
      await connection.stop(async () => {
        if (words !== '') await live?.publishAsync('last/words', words, { qos: 1 });
      });
      assert.equal(connection.live, null);
      assert.equal(live?.stream.destroyed, true);
    }
  });

  it('whose greeting the broker never answers is left, told once, and made anew', async ({ mock }) => {
    const silent = await startSilentBroker(['connect', 'pingreq']);
    const later = setTimeout;
    mock.method(globalThis, 'setTimeout', (run: () => void, ms?: number) => later(run, ms === 5_000 ? 0 : ms));
    const told: string[] = [];
    let greetings = 0;
    await new Promise<void>((resolve, reject) => {
      const connection = new BrokerConnection({
        where: () => ({ url: silent, options: { protocolVersion: 4 as const, reconnectPeriod: 0 } }),
        onUp: async (client) => {
          greetings += 1;
          if (greetings === 3) resolve();
          await client.subscribeAsync('some/topic', { qos: 1 });
        },
        onDown: ({ code }) => told.push(code),
      });
      after(() => connection.stop());
      connection.start().catch(reject);
    });
    assert.deepEqual(told, ['BROKER_SILENT']);
  });

  it('that the broker takes and does not even say yes or no to is told apart from a broker that is not there', async () => {
    const silent = await startSilentBroker([]);
    const told = await new Promise<CodedError>((resolve, reject) => {
      const connection = new BrokerConnection({
        where: () => ({ url: silent, options: { reconnectPeriod: 0, connectTimeout: 50 } }),
        onUp: async () => undefined,
        onDown: resolve,
      });
      after(() => connection.stop());
      connection.start().catch(reject);
    });
    assert.deepEqual([told.code, told.message.includes('takes this inspector')], ['BROKER_SILENT', true]);
  });

  it('that is stopped amid its greeting leaves as well', async () => {
    let greeted: (client: MqttClient) => void = () => undefined;
    const greeting = new Promise<MqttClient>((resolve) => {
      greeted = resolve;
    });
    const connection = new BrokerConnection({
      where: () => ({ url, options: { reconnectPeriod: 0 } }),
      onUp: (client) => {
        greeted(client);
        return new Promise(() => undefined);
      },
      onDown: () => undefined,
    });
    const started = connection.start();
    const client = await greeting;
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    await connection.stop();
    await Promise.all([closed, started]);
    assert.equal(client.connected, false);
  });
});
