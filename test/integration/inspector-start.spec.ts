import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Verdict } from '#contracts';
import { DataFolder } from '../../apps/inspector/src/ledger/data-folder.js';
import { findChildren } from '../chaos/processes.js';
import { redPicture } from '../factories/artefact.js';
import { askWith, FOREIGN_PAGES } from '../factories/foreign-page.js';
import { makeConfig, readTable, startTestInspector } from '../factories/inspector.js';
import { beginInspectorProcess, runInspectorProcess, startInspectorProcess } from '../factories/inspector-process.js';
import { startMosquitto } from '../factories/mosquitto.js';
import { connectPlc } from '../factories/plc.js';
import { startTcpServer } from '../factories/tcp-server.js';
import { requireTool, tempDir } from '../factories/tools.js';
import { until } from '../factories/until.js';

describe('an inspector with its embedded broker', { timeout: 300_000 }, () => {
  it('inspects frames of 3.1.1 clients, keeps the picture of a reject and finds it again', async () => {
    const inspector = await startTestInspector({ broker: 'embedded' });
    const plc = await connectPlc(inspector.brokerUrl, { protocolVersion: 4 });
    await plc.untilReady();
    const picture = await redPicture(200);
    await plc.sendEnvelope(picture, { frameId: 'reject', lot: 'L1' });
    await plc.sendEnvelope(await redPicture(60), { frameId: 'good', lot: 'L1' });
    await plc.untilClosed(2);
    const kept = await fetch(`${inspector.url}/api/frames/reject/picture`);
    assert.deepEqual(Buffer.from(await kept.arrayBuffer()), picture);
    const search = async (query: string) =>
      (await (await fetch(`${inspector.url}/api/verdicts?${query}`)).json()) as { verdicts: Verdict[] };
    // The plant database follows the gate by a few milliseconds.
    let found = await search('verdict=REJECT');
    while (found.verdicts.length === 0) found = await search('verdict=REJECT');
    assert.deepEqual(
      found.verdicts.map(({ frameId }) => frameId),
      ['reject'],
    );
    const { runtime, precision } = found.verdicts[0]?.model ?? {};
    assert.deepEqual([runtime, precision], ['onnx-cpu', 'fp32']);
  });

  it('says what it is: live, ready with every camera, metrics, and its API as OpenAPI, and nothing to foreign pages', async () => {
    const inspector = await startTestInspector({ broker: 'embedded' });
    const plc = await connectPlc(inspector.brokerUrl, { protocolVersion: 4 });
    await plc.untilReady();
    const read = (path: string) => fetch(`${inspector.url}${path}`);
    assert.deepEqual(await (await read('/health/live')).json(), { status: 'live' });
    const ready = await read('/health/ready');
    assert.equal(ready.status, 200);
    const { cameras } = (await ready.json()) as { cameras: { place: unknown }[] };
    assert.deepEqual(cameras[0]?.place, { runtime: 'onnx-cpu', precision: 'fp32' });
    assert.match(await (await read('/metrics')).text(), /lineside_cameras_ready 1/);
    const api = (await (await read('/api/openapi.json')).json()) as { paths: Record<string, object> };
    for (const path of ['/health/live', '/health/ready', '/metrics', '/api/verdicts'])
      assert.ok(path in api.paths, path);
    for (const path of ['/', '/api/verdicts', '/api/overrides?frameId=f1', '/metrics']) {
      const answers = FOREIGN_PAGES.map((headers) => askWith(`${inspector.url}${path}`, { headers }));
      const codes = (await Promise.all(answers)).map(({ code }) => code);
      assert.deepEqual(codes, ['FOREIGN_ORIGIN', 'HOST_UNKNOWN'], path);
    }
  });

  it('promise 13: its heartbeat counts on once a second with the time of the last real inference', async () => {
    const inspector = await startTestInspector({ broker: 'embedded' });
    const plc = await connectPlc(inspector.brokerUrl, { protocolVersion: 4 });
    await plc.untilReady();
    await plc.untilHeartbeats(1);
    assert.equal(plc.heartbeats.at(-1)?.lastInferenceTs, null);
    await plc.sendEnvelope(Buffer.from('no picture'), { frameId: 'unreadable' });
    await plc.until(() => plc.verdicts.length === 1, 'a verdict');
    await plc.untilHeartbeats(1);
    assert.equal(plc.heartbeats.at(-1)?.lastInferenceTs, null, 'nothing was inferred');
    await plc.sendEnvelope(await redPicture(60), { frameId: 'real' });
    await plc.until(() => plc.verdicts.length === 2, 'another verdict');
    await plc.untilHeartbeats(1);
    const last = plc.heartbeats.at(-1);
    assert.equal(last?.bootId, inspector.bootId);
    assert.ok(last?.lastInferenceTs !== null && typeof last?.p99 === 'number');
    assert.deepEqual(
      plc.heartbeats.map(({ seq }) => seq - (plc.heartbeats[0]?.seq ?? 0)),
      plc.heartbeats.map((_, i) => i),
    );
  });

  for (const [signal, when, end] of [
    ['SIGTERM', 'it is told to end', [0, null]],
    ['SIGHUP', 'its terminal is closed', [null, 'SIGHUP']],
  ] as const) {
    it(`drains on ${signal}, when ${when}: every acknowledged frame has its verdict, cameras hear STOPPING`, async () => {
      const config = await makeConfig({ broker: 'embedded' });
      const { child, brokerUrl } = await startInspectorProcess(config);
      const pid = child.pid ?? assert.fail('no process');
      const plc = await connectPlc(brokerUrl, { protocolVersion: 4 });
      await plc.untilReady();
      const picture = await redPicture(60, { width: 1_500, height: 1_500 });
      await Promise.all(Array.from({ length: 20 }, (_, i) => plc.sendEnvelope(picture, { frameId: `f${i}` })));
      await plc.until(() => plc.verdicts.length > 0, 'the first verdict');
      const ended = once(child, 'exit');
      // As the system does it: its workers hear it too, and who closes a terminal says it twice.
      if (signal === 'SIGHUP') process.kill(pid, signal);
      for (const each of [pid, ...findChildren(pid, 'worker.js')]) process.kill(each, signal);
      assert.deepEqual(await ended, end);
      const file = join(config.inspector.dataDir, 'ledger.sqlite');
      const open = `SELECT frameId FROM ledger GROUP BY frameId HAVING COUNT(*) <> 2 AND MAX(kind) <> 'boot'`;
      assert.deepEqual(await readTable(file, open), []);
      const unseen = `SELECT frameId FROM ledger WHERE kind = 'closed' AND body LIKE '%"reason":"INTERNAL"%'`;
      assert.deepEqual(await readTable(file, unseen), []);
      assert.equal(plc.states.at(-1)?.reason, 'STOPPING');
    });
  }
});

describe('an inspector that is told to end before it is up', { timeout: 300_000 }, () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`stops what it has started and ends by ${signal}: no worker, no lock and no file of a crash is left`, async () => {
      const config = await makeConfig({ broker: 'embedded' });
      const { dataDir } = config.inspector;
      const { pid, ended } = beginInspectorProcess(config);
      let workers: number[] = [];
      await until(() => {
        workers = findChildren(pid, 'worker.js');
        return workers.length > 0;
      }, 'a worker');
      // As one whose model takes minutes to open: the start goes on until then.
      for (const worker of workers) process.kill(worker, 'SIGSTOP');
      await until(() => existsSync(join(dataDir, 'plant.sqlite')), 'most of the rest to be there');
      process.kill(pid, signal);
      assert.deepEqual(await ended, [null, signal]);
      for (const worker of workers) assert.throws(() => process.kill(worker, 0), { code: 'ESRCH' });
      assert.deepEqual(
        readdirSync(dataDir).filter((file) => /-(wal|shm)$/.test(file)),
        [],
      );
      const folder = new DataFolder(dataDir);
      folder.take();
      folder.release();
    });
  }
});

describe('an inspector that cannot start', { timeout: 300_000 }, () => {
  it('says why in one line and ends with 1', async () => {
    const { port } = await startTcpServer(() => undefined);
    const config = await makeConfig({ broker: 'embedded', over: { http: { port } } });
    const { exitCode, stderr } = await runInspectorProcess(config);
    assert.equal(exitCode, 1);
    assert.match(stderr, new RegExp(`^error PORT_IN_USE: .*${port}.*http.port.*\\n$`));
  });

  it('PORT_IN_USE: the port of the embedded broker', async () => {
    const { port } = await startTcpServer(() => undefined);
    const starting = startTestInspector({ broker: 'embedded', over: { broker: { embeddedPort: port } } });
    await assert.rejects(starting, { code: 'PORT_IN_USE', message: new RegExp(`${port}.*broker.embeddedPort`) });
  });

  it('HTTP_LISTEN and BROKER_LISTEN: addresses that are not of this machine', async () => {
    // TEST-NET-1 of RFC 5737: nobody has it.
    const host = '192.0.2.1';
    const places: [string, Record<string, object>][] = [
      ['HTTP_LISTEN', { http: { host } }],
      ['BROKER_LISTEN', { broker: { embeddedHost: host } }],
    ];
    for (const [code, over] of places) {
      await assert.rejects(startTestInspector({ broker: 'embedded', over }), { code, message: /192\.0\.2\.1/ });
    }
  });

  it('DATA_FOLDER: its folder cannot be made', async () => {
    const file = join(tempDir(), 'a-file');
    writeFileSync(file, '');
    const starting = startTestInspector({ broker: 'embedded', over: { inspector: { dataDir: join(file, 'data') } } });
    await assert.rejects(starting, { code: 'DATA_FOLDER', message: /inspector\.dataDir/ });
  });

  it('PICTURES_OPEN: its pictures have no folder', async () => {
    const dataDir = tempDir();
    writeFileSync(join(dataDir, 'pictures'), '');
    await assert.rejects(startTestInspector({ broker: 'embedded', over: { inspector: { dataDir } } }), {
      code: 'PICTURES_OPEN',
    });
  });

  it('LEDGER_OPEN: the ledger is no database', async () => {
    const dataDir = tempDir();
    writeFileSync(join(dataDir, 'ledger.sqlite'), 'this is no database, and long enough to be seen as none');
    await assert.rejects(startTestInspector({ broker: 'embedded', over: { inspector: { dataDir } } }), {
      code: 'LEDGER_OPEN',
    });
  });

  it('BROKER_TLS: a certificate cannot be read', async () => {
    const over = { broker: { ca: '/no/such/ca.pem' } };
    await assert.rejects(startTestInspector({ broker: 'mqtts://127.0.0.1:1', over }), {
      code: 'BROKER_TLS',
      message: /\/no\/such\/ca\.pem/,
    });
  });
});

const mosquitto = requireTool('mosquitto');
describe('a broker that refuses the inspector', { skip: mosquitto.skip, timeout: 300_000 }, () => {
  it('leaves it running, NOT_READY(BROKER) with the reason on page and probe', async () => {
    const broker = await startMosquitto(mosquitto, { config: ['allow_anonymous false'] });
    const inspector = await startTestInspector({ broker: broker.url });
    const answer = await fetch(`${inspector.url}/health/ready`);
    const { cameras } = (await answer.json()) as { cameras: { reason: string; detail: string }[] };
    assert.deepEqual([answer.status, cameras[0]?.reason], [503, 'BROKER']);
    assert.match(cameras[0]?.detail ?? '', /Not authorized.*LINESIDE_BROKER_PASSWORD/i);
  });
});
