import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { connectAsync, type MqttClient } from 'mqtt';
import { generate, type Packet, parser } from 'mqtt-packet';
import { InspectorConfig } from '#config';
import { type CodedError, type CommandReply, type InspectorState, Topics } from '#contracts';
import { makePart, makeVerdict } from '../../../../test/factories/frames.js';
import { makeCameraState } from '../../../../test/factories/live.js';
import { countOf } from '../../../../test/factories/metrics.js';
import { STATION, startBroker } from '../../../../test/factories/scripted-line.js';
import { startTcpServer } from '../../../../test/factories/tcp-server.js';
import { until } from '../../../../test/factories/until.js';
import { Counters } from '../health/counters.js';
import { Publisher, type PublisherOptions } from './publisher.js';
import type { Refusal } from './refusals.js';

const topics = new Topics(STATION);

/** A publisher of one camera; it leaves the broker with the running test. */
function makePublisher(address: { url: string; protocol?: '5' | '3.1.1' }, over: Partial<PublisherOptions> = {}) {
  const counters = new Counters();
  const publisher = new Publisher({
    url: () => address.url,
    broker: InspectorConfig.shape.broker.parse(address),
    secrets: { brokerPassword: null },
    clientId: 'inspector1',
    topics,
    inspectorId: 'inspector1',
    bootId: 'boot1',
    cameras: ['cam1'],
    counters,
    isMute: false,
    onListen: () => undefined,
    onUp: () => undefined,
    onDown: () => undefined,
    onRefused: () => undefined,
    onInspector: () => undefined,
    onCamera: () => undefined,
    onCommand: () => null,
    ...over,
  });
  after(() => publisher.stop());
  return { publisher, counters };
}

/** Somebody else on the line; leaves with the running test. */
async function connectOther(url: string): Promise<MqttClient> {
  const client = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0 });
  after(() => client.end(true));
  return client;
}

/**
 * A broker of MQTT 5 that keeps count: it acknowledges what it has room for, and hangs up on who sends more. Ends with
 * the running test.
 */
async function startCountingBroker({ receiveMaximum }: { receiveMaximum?: number }) {
  const seen = { most: 0, hungUp: 0, taken: [] as string[], expiries: [] as unknown[] };
  const refused = new Map<string, number>();
  const waiting: (() => void)[] = [];
  let isAnswering = true;
  const answer = (): void => {
    for (const acknowledge of waiting.splice(0)) acknowledge();
  };
  const { port } = await startTcpServer((socket) => {
    const say = (packet: Packet): unknown => socket.write(generate(packet, { protocolVersion: 5 }));
    let open = 0;
    const packets = parser({ protocolVersion: 5 });
    packets.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') {
        const properties = receiveMaximum === undefined ? {} : { receiveMaximum };
        say({ cmd: 'connack', reasonCode: 0, sessionPresent: false, properties });
      }
      if (packet.cmd === 'subscribe') {
        say({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: packet.subscriptions.map(() => 1) });
      }
      if (packet.cmd !== 'publish') return;
      open += 1;
      seen.most = Math.max(seen.most, open);
      seen.taken.push(packet.topic);
      seen.expiries.push(packet.properties?.messageExpiryInterval);
      if (open > (receiveMaximum ?? 65_535)) {
        seen.hungUp += 1;
        say({ cmd: 'disconnect', reasonCode: 0x93 });
        socket.end();
      }
      waiting.push(() => {
        open -= 1;
        const reasonCode = refused.get(packet.topic) ?? 0;
        const { topic, payload } = packet;
        // States are subscribed to.
        if (reasonCode === 0 && packet.retain)
          say({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false });
        say({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode });
      });
      if (isAnswering && waiting.length === 1) setImmediate(answer);
    });
    socket.on('data', (bytes) => packets.parse(bytes));
  });
  return {
    url: `mqtt://127.0.0.1:${port}`,
    seen,
    /** Reason codes, by topic on which nothing is taken. */
    refused,
    /** Take and say nothing. */
    fallSilent: () => {
      isAnswering = false;
    },
    answer: () => {
      isAnswering = true;
      answer();
    },
  };
}

/** A broker of MQTT 5 that lets nobody read this topic. Ends with the running test. */
async function startRefusingBroker(refused: string): Promise<{ url: string }> {
  const { port } = await startTcpServer((socket) => {
    const say = (packet: Packet): unknown => socket.write(generate(packet, { protocolVersion: 5 }));
    const packets = parser({ protocolVersion: 5 });
    packets.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') say({ cmd: 'connack', reasonCode: 0, sessionPresent: false });
      if (packet.cmd !== 'subscribe') return;
      const granted = packet.subscriptions.map(({ topic }) => (topic === refused ? 0x87 : 1));
      say({ cmd: 'suback', messageId: packet.messageId ?? 0, granted });
    });
    socket.on('data', (bytes) => packets.parse(bytes));
  });
  return { url: `mqtt://127.0.0.1:${port}` };
}

describe('the broker', () => {
  it('is sent no more at once than it takes, and all of it in turn', async () => {
    const { url, seen } = await startCountingBroker({ receiveMaximum: 10 });
    const { publisher, counters } = makePublisher({ url });
    await publisher.start();
    for (let i = 0; i < 40; i++) publisher.publishVerdict(makeVerdict({ deadlineMs: 60_000 }));
    assert.equal(publisher.roomForRecords, 5);
    const records = Array.from({ length: 5 }, () => publisher.publishRecord(makeVerdict()));
    assert.deepEqual(await Promise.all(records), Array(5).fill('taken'));
    assert.deepEqual([seen.most, seen.hungUp, seen.taken.length], [10, 0, 45]);
    assert.deepEqual(new Set(seen.taken.slice(0, 40)), new Set([topics.camera('cam1', 'verdict')]));
    assert.equal(await countOf(counters, 'publish_failures'), 0);
  });

  it('never gets a verdict that waited for its turn until its window was over', async () => {
    const { url, seen, fallSilent, answer } = await startCountingBroker({ receiveMaximum: 1 });
    const { publisher, counters } = makePublisher({ url });
    await publisher.start();
    fallSilent();
    const first = publisher.publishRecord(makeVerdict());
    publisher.publishVerdict(makeVerdict({ deadlineMs: 0 }));
    const validUntil = new Date().toISOString();
    publisher.publishVerdict(makeVerdict({ verdict: 'PASS', deadlineMs: 60_000, validUntil }));
    publisher.publishPart({ ...makePart({ inspection: 'part-1', frames: ['f1'] }), deadlineMs: 60_000 });
    const last = publisher.publishRecord(makeVerdict());
    while (seen.taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
    answer();
    assert.deepEqual(await Promise.all([first, last]), ['taken', 'taken']);
    assert.deepEqual(seen.taken, [
      topics.camera('cam1', 'record'),
      topics.partVerdict(),
      topics.camera('cam1', 'record'),
    ]);
    assert.equal(await countOf(counters, 'publish_failures'), 2);
  });

  it('keeps what the gate acts on for its window in whole seconds, and records until they are fetched', async () => {
    const { url, seen } = await startCountingBroker({});
    const { publisher } = makePublisher({ url });
    await publisher.start();
    for (const deadlineMs of [150, 2_400]) publisher.publishVerdict(makeVerdict({ deadlineMs }));
    publisher.publishPart({ ...makePart({ inspection: 'part-1', frames: ['f1'] }), deadlineMs: 5_000 });
    await publisher.publishRecord(makeVerdict());
    assert.deepEqual(seen.expiries, [1, 3, 5, undefined]);
  });

  it('that does not acknowledge is given so many verdicts; those behind are counted, and the gate rejects', async () => {
    const { url, fallSilent } = await startCountingBroker({});
    const { publisher, counters } = makePublisher({ url });
    await publisher.start();
    fallSilent();
    for (let i = 0; i < 1_002; i++) publisher.publishVerdict(makeVerdict());
    publisher.publishPart(makePart({ inspection: 'part-1', frames: ['f1'] }));
    assert.equal(await countOf(counters, 'verdicts_unpublished'), 2);
    assert.equal(await countOf(counters, 'parts_unpublished'), 1);
  });

  it('that acknowledges nothing any more is left for a fresh connection, and that is told', async ({ mock }) => {
    const { url, fallSilent, answer } = await startCountingBroker({});
    const told: string[] = [];
    let ups = 0;
    let comeBack: () => void = () => undefined;
    const isBack = new Promise<void>((resolve) => {
      comeBack = resolve;
    });
    const onUp = (): void => {
      ups += 1;
      if (ups === 2) comeBack();
    };
    const { publisher } = makePublisher({ url }, { onUp, onDown: ({ code }) => told.push(code) });
    await publisher.start();
    fallSilent();
    const later = setTimeout;
    mock.method(globalThis, 'setTimeout', (run: () => void, ms?: number) => later(run, ms === 10_000 ? 0 : ms));
    assert.equal(await publisher.publishRecord(makeVerdict()), 'lost');
    mock.restoreAll();
    await isBack;
    assert.deepEqual(told, ['BROKER_SILENT']);
    answer();
    assert.equal(await publisher.publishRecord(makeVerdict()), 'taken');
  });

  it('that acknowledges nothing holds no process up that was told to stop', async ({ mock }) => {
    const { url, fallSilent } = await startCountingBroker({});
    const { publisher } = makePublisher({ url });
    await publisher.start();
    fallSilent();
    const timers = mock.method(globalThis, 'setTimeout').mock;
    void publisher.publishRecord(makeVerdict());
    await publisher.stop();
    const held = timers.calls.filter(({ result }) => (result as NodeJS.Timeout).hasRef());
    assert.deepEqual(
      held.map(({ arguments: [, ms] }) => ms),
      [],
    );
  });

  it('that is not there gets nothing later: verdicts are counted, records go again', async () => {
    const { publisher, counters } = makePublisher({ url: 'mqtt://127.0.0.1:1' });
    publisher.publishVerdict(makeVerdict());
    publisher.publishPart(makePart({ inspection: 'part-1', frames: ['f1'] }));
    assert.equal(await publisher.publishRecord(makeVerdict()), 'lost');
    assert.equal(await countOf(counters, 'verdicts_unpublished'), 1);
    assert.equal(await countOf(counters, 'parts_unpublished'), 1);
  });

  it('that lets us not write on a topic is told of, until it takes something there; what it has no room for is not', async () => {
    const { url, refused } = await startCountingBroker({});
    const told: (readonly Refusal[])[] = [];
    const { publisher } = makePublisher({ url }, { onRefused: (refusals) => told.push(refusals) });
    await publisher.start();
    const topic = topics.camera('cam1', 'record');
    const birth = topics.inspectorState('inspector1');
    refused.set(birth, 0x87).set(topic, 0x97);
    assert.equal(await publisher.publishRecord(makeVerdict()), 'refused');
    await publisher.announce();
    await publisher.announce();
    refused.set(topic, 0x87);
    await publisher.publishRecord(makeVerdict());
    refused.clear();
    await publisher.announce();
    assert.deepEqual(
      told.map((refusals) => refusals.map((each) => [each.topic, each.isForGate, each.camera])),
      [
        [[birth, true, null]],
        [
          [birth, true, null],
          [topic, false, null],
        ],
        [[topic, false, null]],
      ],
    );
    assert.match(told[0]?.[0]?.reason ?? '', /not authorized/i);
  });

  for (const protocol of ['5', '3.1.1'] as const) {
    it(`that does not let us read a topic refuses us, in ${protocol} too: said with the topics, not as one that is not there`, async () => {
      const commands = topics.camera('cam1', 'cmd');
      const { url } =
        protocol === '3.1.1'
          ? await startBroker({
              authorizeSubscribe: (_client, asked, done) => done(null, asked.topic === commands ? null : asked),
            })
          : await startRefusingBroker(commands);
      const told: CodedError[] = [];
      const { publisher } = makePublisher({ url, protocol }, { onDown: (error) => told.push(error) });
      await publisher.start();
      await until(() => told.length > 0, 'the reason');
      assert.deepEqual([publisher.isUp, told.map(({ code }) => code)], [false, ['BROKER_REFUSED']]);
      assert.ok(told[0]?.message.includes(commands), told[0]?.message);
    });
  }

  it('that hangs up instead of taking a message: counted, and a record goes again', async () => {
    const isWanted = (topic: string): boolean => topic !== topics.camera('cam1', 'record');
    const { url } = await startBroker({
      authorizePublish: (_client, { topic }, done) => done(isWanted(topic) ? null : new Error('not here')),
    });
    const { publisher, counters } = makePublisher({ url, protocol: '3.1.1' });
    await publisher.start();
    assert.equal(await publisher.publishRecord(makeVerdict()), 'lost');
    assert.match(await counters.print(), /publish_failures_total\{topic="record"\} 1/);
    assert.equal(await countOf(counters, 'publish_failures'), 1);
  });
});

describe('what the broker brings', () => {
  it('on a state topic and is no state, or one of somebody else, is counted and left alone', async () => {
    const { url } = await startBroker();
    let heard: (state: InspectorState) => void = () => undefined;
    const state = new Promise<InspectorState>((resolve) => {
      heard = resolve;
    });
    const { publisher, counters } = makePublisher(
      { url, protocol: '3.1.1' },
      { onInspector: (said) => heard(said), onCamera: ({ camera }) => assert.fail(camera) },
    );
    await publisher.start();
    const other = await connectOther(url);
    const ts = '2026-01-02T03:04:05.006Z';
    const sound = { schema: 'vision.inspector/1', inspectorId: 'inspector2', state: 'ONLINE', bootId: 'b2', ts };
    const topic = topics.inspectorState('inspector2');
    await other.publishAsync(topics.camera('cam1', 'state'), JSON.stringify(sound), { qos: 1 });
    await other.publishAsync(topic, 'no { JSON', { qos: 1 });
    await other.publishAsync(topics.inspectorState('inspector3'), JSON.stringify(sound), { qos: 1 });
    await other.publishAsync(topics.camera('cam1', 'state'), JSON.stringify(makeCameraState({ camera: 'cam2' })), {
      qos: 1,
    });
    await other.publishAsync(topic, JSON.stringify(sound), { qos: 1 });
    assert.deepEqual(await state, sound);
    assert.equal(await countOf(counters, 'messages_unreadable'), 4);
  });

  it('of a newer inspector tells who has a camera, whatever it says of it besides', async () => {
    const { url } = await startBroker();
    let hear = (_claim: string): void => undefined;
    const heard = new Promise<string>((resolve) => {
      hear = resolve;
    });
    const { publisher } = makePublisher(
      { url, protocol: '3.1.1' },
      { onCamera: ({ camera, inspectorId, reason }) => hear(`${inspectorId} has ${camera}: ${reason}`) },
    );
    await publisher.start();
    const other = await connectOther(url);
    const state = makeCameraState({ camera: 'cam1', inspectorId: 'newer' });
    const said = { ...state, state: 'WAITING', reason: 'LENS_CAP', place: { runtime: 'npu', precision: 'int2' } };
    await other.publishAsync(topics.camera('cam1', 'state'), JSON.stringify(said), { qos: 1 });
    assert.equal(await heard, 'newer has cam1: LENS_CAP');
  });

  it('as a command is obeyed once: a retained one is not, and nobody is answered on a topic of the line', async () => {
    const { url } = await startBroker();
    const asker = await connectOther(url);
    const command = topics.camera('cam1', 'cmd');
    await asker.publishAsync(command, 'retained', { qos: 1, retain: true });
    const obeyed: string[] = [];
    const answers: Record<string, string> = { forged: topics.camera('cam1', 'verdict'), sound: topics.reply('asker') };
    const { publisher, counters } = makePublisher(
      { url, protocol: '3.1.1' },
      {
        onCommand: async ({ payload }) => {
          obeyed.push(payload);
          return { to: answers[payload] ?? null, body: { command: payload } as CommandReply };
        },
      },
    );
    await publisher.start();
    await asker.subscribeAsync(Object.values(answers), { qos: 1 });
    const replied = new Promise<string>((resolve) => asker.once('message', (topic) => resolve(topic)));
    await asker.publishAsync(command, 'forged', { qos: 1 });
    await asker.publishAsync(command, 'sound', { qos: 1 });
    assert.equal(await replied, topics.reply('asker'));
    assert.deepEqual(obeyed, ['forged', 'sound']);
    assert.equal(await countOf(counters, 'commands_retained'), 1);
    assert.equal(await countOf(counters, 'replies_refused'), 1);
  });
});
