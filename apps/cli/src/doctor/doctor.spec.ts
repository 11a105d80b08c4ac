import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { loadInspectorConfig } from '#config';
import { InputError } from '#contracts';
import { openDatabase } from '#registry';
import { makeCameraState } from '../../../../test/factories/live.js';
import { startTcpServer } from '../../../../test/factories/tcp-server.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { LedgerStore } from '../../../inspector/src/ledger/ledger-store.js';
import { PlantStore } from '../../../inspector/src/ledger/plant-store.js';
import { findDisk } from './disks.js';
import { examine, type Finding, gap, ok } from './finding.js';
import { formatFindings } from './format-findings.js';
import { describeAdapters, describeCudaDriver } from './graphics.js';
import { findLedger } from './ledger.js';
import { describeCpu, describeMemory, findNode } from './machine.js';
import { findPlant } from './plant.js';
import { findDoor, findPage } from './ports.js';
import { describeOnnxRuntime, describeProvider } from './runtimes.js';
import { describeBackend, describeTensorFlow } from './training.js';

/** State and text of the first finding. */
function first(findings: readonly Finding[]): string {
  const [finding] = findings;
  assert.ok(finding !== undefined);
  assert.equal(finding.advice === null, finding.state === 'ok', 'what is not well has its sentence');
  return `${finding.state} ${finding.found}`;
}

/** A web server that answers everything with this. */
async function startServer(answer: string): Promise<{ host: string; port: number; close: () => Promise<void> }> {
  const host = '127.0.0.1';
  const server = createHttpServer((_, response) => response.end(answer)).listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { host, port, close };
}

/** An inspector's data folder as a newer version leaves it: one migration that this one does not know in each database. */
async function makeNewerData(): Promise<string> {
  const dir = tempDir();
  const [ledgerFile, plantFile] = [join(dir, 'ledger.sqlite'), join(dir, 'plant.sqlite')];
  await (await LedgerStore.open(ledgerFile)).stop();
  const plant = await PlantStore.open({
    place: { type: 'better-sqlite3', file: plantFile },
    ledgerFile,
    inspectorId: 'i1',
  });
  await plant.forward();
  await plant.stop();
  for (const file of [ledgerFile, plantFile]) {
    const database = openDatabase(file, {});
    database.exec(`INSERT INTO "migrations" ("timestamp", "name") VALUES (1700000000900, 'Shifts1700000000900')`);
    database.close();
  }
  return dir;
}

describe('the doctor', () => {
  it('ends every look in time, and no failure ends it', async () => {
    const findings = await examine(
      [
        { about: 'a', failure: 'gap', look: () => wait(60_000, [], { ref: false }) },
        { about: 'b', failure: 'blocked', look: () => Promise.reject(new InputError('X', 'It is broken.')) },
        { about: 'c', failure: 'gap', look: () => [ok('c', 'well'), ok('d', 'well')] },
      ],
      50,
    );
    assert.deepEqual(
      findings.map(({ about, state, found }) => [about, state, found]),
      [
        ['a', 'gap', 'no answer within 0.05 s'],
        ['b', 'blocked', 'It is broken.'],
        ['c', 'ok', 'well'],
        ['d', 'ok', 'well'],
      ],
    );
    for (const { state, advice } of findings) assert.equal(advice === null, state === 'ok');
  });

  it('prints a line per thing and its advice below', () => {
    const table = formatFindings([ok('Node', '22.1.0'), gap('TensorFlow', 'not set up', 'Set it up.')]);
    assert.deepEqual(
      table.split('\n').map((line) => line.split(/ {2,}/)),
      [
        ['STATE', 'WHAT', 'FOUND'],
        ['ok', 'Node', '22.1.0'],
        ['gap', 'TensorFlow', 'not set up'],
        ['', '-> Set it up.'],
        [''],
      ],
    );
  });

  it('knows which Node a line may run on', () => {
    for (const version of ['20.19.0', '22.0.0', '24.18.2']) assert.equal(first(findNode(version)), `ok ${version}`);
    for (const version of ['18.20.0', '20.18.9']) assert.equal(first(findNode(version)), `blocked ${version}`);
    for (const version of ['24.19.0', '26.0.0']) assert.equal(first(findNode(version)), `gap ${version}`);
  });

  it('counts the memory that a container may take, not that of its machine', () => {
    const describe = (allowed: number, free: number) => first(describeMemory({ total: 32e9, allowed, free }));
    assert.equal(describe(1.8e19, 20e9), 'ok 32.0 GB, 20.0 GB of it free');
    assert.equal(describe(4e9, 3e9), 'ok 4.0 of 32.0 GB allowed, 3.0 GB of it free');
    assert.equal(describe(1e9, 0.9e9), 'gap 1.0 of 32.0 GB allowed, 0.9 GB of it free');
  });

  it('names what of a CPU makes networks fast', () => {
    const describe = (flags: string, arch = 'x64') => first(describeCpu({ words: 'Acme 1', flags, arch }));
    assert.equal(describe('sse2 avx2 avx512f avx512_vnni'), 'ok Acme 1; AVX2, AVX-512, VNNI');
    assert.equal(describe('sse2 avx2 avx_vnni amx_int8'), 'ok Acme 1; AVX2, VNNI, AMX');
    assert.equal(describe('sse2 avx2'), 'gap Acme 1; AVX2');
    assert.equal(describe('sse2 avx'), 'gap Acme 1; no AVX2');
    assert.equal(describe('', 'arm64'), 'ok Acme 1, arm64');
  });

  it('tells a GPU without a driver from no GPU, and software from hardware', () => {
    assert.equal(first(describeCudaDriver(null, [])), 'ok none, and no NVIDIA GPU');
    assert.equal(first(describeCudaDriver(null, ['NVIDIA T4'])), 'gap none for NVIDIA T4');
    const driven = 'NVIDIA T4, 580.1, 15360 MiB\nNVIDIA L4, 580.1, 23034 MiB\n';
    assert.match(first(describeCudaDriver(driven, [])), /^ok NVIDIA T4 \(15360 MiB\), driver 580\.1; NVIDIA L4/);
    const software = { words: 'google swiftshader', isSoftware: true };
    const adapters = (...value: (typeof software)[]) => ({ ok: true, value }) as const;
    assert.equal(first(describeAdapters(adapters(software), [])), 'ok google swiftshader (software)');
    assert.match(first(describeAdapters(adapters(software), ['AMD Navi'])), /^gap .*\(software\), for AMD Navi$/);
    const both = adapters(software, { words: 'amd rdna', isSoftware: false });
    assert.match(first(describeAdapters(both, ['AMD Navi'])), /^ok .*amd rdna$/);
    const died = { ok: false, code: 'PROCESS_DIED', message: 'It ended.' } as const;
    assert.equal(first(describeAdapters(died, [])), 'gap It ended.');
  });

  it('asks for the CUDA libraries only where they are of use', () => {
    const missing = ['cuda', 'tensorrt'] as const;
    const [without, with_] = [false, true].map((hasNvidia) =>
      first(describeOnnxRuntime({ version: '1.30.0', missing, hasNvidia })),
    );
    assert.equal(without, 'ok 1.30.0; providers cpu, webgpu; not here: cuda, tensorrt');
    assert.match(String(with_), /^gap /);
    const all = describeOnnxRuntime({ version: '1.30.0', missing: [], hasNvidia: true });
    assert.equal(first(all), 'ok 1.30.0; providers cpu, webgpu, cuda, tensorrt');
  });

  it('says whether a provider that is there computes', () => {
    assert.deepEqual(describeProvider('cuda', { ok: true, value: null }), ok('onnx-cuda', 'computes'));
    const lacks = 'Runtime onnx-cuda cannot be used here: libcudnn.so.9 is missing.';
    assert.equal(first([describeProvider('cuda', { ok: true, value: lacks })]), `gap ${lacks}`);
    const died = { ok: false, code: 'PROCESS_DIED', message: 'It ended.' } as const;
    assert.equal(first([describeProvider('tensorrt', died)]), 'gap It ended.');
  });

  it('names the set-up of TensorFlow and what that needs, or what is broken', async () => {
    const missing = { ok: false, code: 'TENSORFLOW_MISSING', message: 'Native TensorFlow is not installed.' } as const;
    const findings = await describeTensorFlow(missing);
    assert.deepEqual(
      findings.map(({ about }) => about),
      ['TensorFlow', 'Python', 'compiler'],
    );
    assert.equal(first(findings), 'gap not set up');
    assert.match(findings[0]?.advice ?? '', /npm run setup:tensorflow/);
    const broken = { ...missing, code: 'TENSORFLOW_BROKEN', message: 'It does not load.' };
    assert.equal(first(await describeTensorFlow(broken)), 'gap It does not load.');
    const there = { ok: true, value: { version: '2.21.0', device: 'CPU', isThreadSafe: true } } as const;
    assert.deepEqual(await describeTensorFlow(there), [ok('TensorFlow', '2.21.0, CPU')]);
    const old = await describeTensorFlow({ ok: true, value: { ...there.value, isThreadSafe: false } });
    assert.equal(first(old), 'gap 2.21.0, CPU, one worker');
  });

  it('says what training would take and what it passed over', () => {
    const value = { name: 'wasm', device: 'WebAssembly', passedOver: [] };
    assert.equal(first(describeBackend({ ok: true, value })), 'ok backend=auto takes wasm: WebAssembly');
    assert.match(first(describeBackend({ ok: true, value: { ...value, passedOver: ['tensorflow: old'] } })), /^gap /);
    assert.equal(first(describeBackend({ ok: false, code: 'BACKEND_MISSING', message: 'None.' })), 'gap None.');
  });

  it('tries to listen where the line would, and knows the line itself when that is there already', async () => {
    const { host, port, close } = await startServer(JSON.stringify({ cameras: [makeCameraState()] }));
    const door = { about: 'broker', what: 'embedded', host, port, setting: 'broker.embeddedPort' };
    const configured = (id: string) => {
      const shipped = loadInspectorConfig();
      return { ...shipped, http: { ...shipped.http, host, port }, inspector: { ...shipped.inspector, id } };
    };
    assert.equal(
      first(await findPage(configured('inspector1'))),
      `ok the page, ${host}:${port}; inspector1 runs there now`,
    );
    assert.match(first(await findDoor(door, configured('inspector1'))), /^ok embedded, .* runs there now$/);
    assert.equal(first(await findPage(configured('other'))), `blocked the page, ${host}:${port} is in use`);
    const nowhere = { ...configured('other'), http: { host: '192.0.2.1', port: 0, names: [] } };
    assert.match(first(await findPage(nowhere)), /^blocked .* cannot be taken: .*EADDRNOTAVAIL/);
    await close();
    assert.equal(first(await findPage(configured('other'))), `ok the page, ${host}:${port}`);
  });

  it('takes a port for used that a stranger has who speaks no HTTP', async () => {
    const { port } = await startTcpServer((socket) => socket.resume().end('?'));
    const config = { ...loadInspectorConfig(), http: { host: '127.0.0.1', port, names: [] } };
    assert.match(first(await findPage(config)), /^blocked .* is in use$/);
  });

  it('looks at the disk of a folder that is not there yet', async () => {
    const folder = { about: 'data', dir: `${tempDir()}/not/yet`, trouble: 'blocked' } as const;
    assert.match(first(await findDisk({ ...folder, watermarkBytes: 0 })), /^ok .*not\/yet, [\d.]+ GB free$/);
    assert.match(first(await findDisk({ ...folder, watermarkBytes: 1e18 })), /^blocked /);
  });

  it('says before the start what the inspector would refuse: databases of a newer version, a ledger that is empty', async () => {
    const shipped = loadInspectorConfig();
    const secrets = { brokerPassword: null, plantPassword: null };
    const look = async (dataDir: string): Promise<string[]> => {
      const config = { ...shipped, inspector: { ...shipped.inspector, dataDir } };
      return [first(await findLedger(config)), first(await findPlant(config, secrets))];
    };
    const newer = await makeNewerData();
    const before = readdirSync(newer).map((name) => readFileSync(join(newer, name)));
    const [ledger, plant] = await look(newer);
    assert.match(ledger ?? '', /^blocked Ledger .*newer version of Lineside: .*Shifts1700000000900\. Start the newer/);
    assert.match(plant ?? '', /^gap SQLite, .* cannot be used: A newer version of Lineside .*Shifts1700000000900\./);
    assert.deepEqual(
      ['ledger.sqlite', 'plant.sqlite'].map((name) => readFileSync(join(newer, name))),
      before,
    );
    const fresh = tempDir();
    assert.deepEqual(await look(fresh), [
      `ok none yet; the first start makes ${join(fresh, 'ledger.sqlite')}`,
      `ok SQLite, ${join(fresh, 'plant.sqlite')}`,
    ]);
    assert.deepEqual(readdirSync(fresh), []);
    writeFileSync(join(fresh, 'ledger.sqlite'), '');
    assert.match((await look(fresh))[0] ?? '', /^blocked Ledger .* is empty/);
    await (await LedgerStore.open(join(fresh, 'of-this-version.sqlite'))).stop();
    renameSync(join(fresh, 'of-this-version.sqlite'), join(fresh, 'ledger.sqlite'));
    assert.equal((await look(fresh))[0], `ok ${join(fresh, 'ledger.sqlite')}`);
  });
});
