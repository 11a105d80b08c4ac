import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { redPicture } from '../../factories/artefact.js';
import { readMetric, readTable, startTestInspector } from '../../factories/inspector.js';
import { startMosquitto } from '../../factories/mosquitto.js';
import { connectPlc, type Plc } from '../../factories/plc.js';
import { type RunningPostgres, startPostgres } from '../../factories/postgres.js';
import { mountFragileDisk, mountSmallDisk, whyNoFragileDisk, whyNoSmallDisk } from '../../factories/small-disk.js';
import { requireTool, tempDir } from '../../factories/tools.js';
import { until } from '../../factories/until.js';

const mosquitto = requireTool('mosquitto');
const postgres = requireTool('postgres');
const noDisk = whyNoSmallDisk();
const noFragileDisk = whyNoFragileDisk();
const FAST = { config: ['set_tcp_nodelay true', 'max_queued_messages 10000'] };

/** Send frames `from` … `to - 1`, each with its sequence number; in step with the line, whose broker queues only so much. */
async function sendFrames(plc: Plc, [from, to]: readonly [number, number], picture: Buffer): Promise<void> {
  for (let i = from; i < to; i++) {
    await plc.send(picture, { frameId: `f${i}`, seq: String(i), bootId: 'b1' });
    await plc.until(() => plc.verdicts.length > i - 50, 'the line to keep up');
  }
}

async function untilRows(server: RunningPostgres, count: number): Promise<void> {
  const sql = 'SELECT COUNT(*)::int AS n FROM inspected_frame';
  const rows = async (): Promise<number> => (await server.rows<{ n: number }>(sql).catch(() => []))[0]?.n ?? -1;
  await until(async () => (await rows()) >= count, `${count} frames in the plant database`, 90_000);
}

describe('promise 4: the plant database is a real PostgreSQL', {
  skip: mosquitto.skip || postgres.skip,
  timeout: 300_000,
}, () => {
  it('killed again and again: verdicts go on, and when it is back nothing is lost or doubled', async () => {
    const server = await startPostgres(postgres);
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const plant = { type: 'postgres', url: server.url };
    const inspector = await startTestInspector({ broker: broker.url, over: { plant } });
    await plc.untilReady();
    const picture = await redPicture(60);
    await sendFrames(plc, [0, 40], picture);
    await untilRows(server, 1);
    // In the middle of what it is given.
    await server.kill();
    await sendFrames(plc, [40, 300], picture);
    await plc.untilAlert('PLANT');
    assert.ok(plc.verdicts.every(({ verdict }) => verdict === 'PASS'));
    await server.start();
    await untilRows(server, 41);
    await server.kill();
    await sendFrames(plc, [300, 320], picture);
    await plc.send(picture, { frameId: 'after-a-gap', seq: '330', bootId: 'b1' });
    await plc.until(() => plc.verdicts.some(({ frameId }) => frameId === 'f300'), 'the verdict that is spoken of');
    const scrapped = { command: 'override', frameId: 'f300', disposition: 'scrap', by: 'Ada Lovelace' };
    assert.equal((await plc.command(scrapped)).ok, true, 'a person can speak while it is away');
    await server.start();
    await untilRows(server, 321);
    const search = await fetch(`${inspector.url}/api/verdicts?limit=1`);
    assert.equal(search.status, 200);
    await inspector.stop();
    const frames = await server.rows<{ frameId: string }>('SELECT "frameId" FROM inspected_frame ORDER BY "ledgerRow"');
    const expected = [...Array.from({ length: 320 }, (_, i) => `f${i}`), 'after-a-gap'];
    assert.deepEqual(frames.map(({ frameId }) => frameId).toSorted(), expected.toSorted());
    const gaps = await server.rows<{ firstSeq: string }>('SELECT "firstSeq", "lastSeq" FROM missing_frames');
    assert.deepEqual(gaps, [{ firstSeq: '320', lastSeq: '329' }]);
    const said = await server.rows('SELECT "frameId", "saidBy", "machineVerdict" FROM verdict_override');
    assert.deepEqual(said, [{ frameId: 'f300', saidBy: 'Ada Lovelace', machineVerdict: 'PASS' }]);
  });
});

describe('promise 4: the disk', { skip: mosquitto.skip || noDisk, timeout: 300_000 }, () => {
  it('full: INCONCLUSIVE and not acknowledged, NOT_READY(LEDGER), alarm; goes on when there is room; no PASS without a record', async () => {
    const disk = mountSmallDisk(8);
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const dataDir = join(disk.dir, 'data');
    const inspector = await startTestInspector({ broker: broker.url, over: { inspector: { dataDir } } });
    await plc.untilReady();
    const picture = await redPicture(60);
    disk.fill();
    const isRefused = (): boolean => plc.states.at(-1)?.reason === 'LEDGER';
    // What SQLite has on the disk already takes a few more commits: those are as durable as any.
    let sent = 0;
    for (; sent < 3_000 && !isRefused(); sent++) {
      await plc.send(picture, { frameId: `f${sent}` });
      await plc.until(() => isRefused() || plc.verdicts.length > sent - 20, 'an answer');
    }
    await plc.until(isRefused, 'NOT_READY(LEDGER)');
    await plc.untilAlert('NOT_READY');
    await plc.until(() => plc.verdicts.some(({ recorded }) => !recorded), 'a verdict that is not recorded');
    const unrecorded = plc.verdicts.filter(({ recorded }) => !recorded);
    assert.ok(unrecorded.every(({ verdict }) => verdict === 'INCONCLUSIVE'));
    assert.ok(
      (await readMetric(inspector, 'frames_unacknowledged_total')) +
        (await readMetric(inspector, 'verdicts_unrecorded_total')) >
        0,
    );
    disk.free();
    await plc.untilReady();
    await plc.send(picture, { frameId: 'again' });
    await plc.until(() => plc.verdicts.some(({ frameId }) => frameId === 'again'), 'a verdict again');
    assert.equal(plc.verdictOf('again').verdict, 'PASS');
    await inspector.stop();
    const rows = await readTable<{ body: string }>(
      join(dataDir, 'ledger.sqlite'),
      `SELECT "body" FROM "ledger" WHERE "kind" = 'closed'`,
    );
    const records = new Map(rows.map(({ body }) => JSON.parse(body)).map((each) => [each.frameId, each.verdict]));
    const unproven = plc.verdicts.filter(
      ({ frameId, verdict }) => verdict === 'PASS' && records.get(frameId) !== 'PASS',
    );
    assert.deepEqual(unproven, []);
    const open = await readTable(
      join(dataDir, 'ledger.sqlite'),
      `SELECT frameId FROM ledger WHERE kind = 'accepted' AND frameId NOT IN (SELECT frameId FROM ledger WHERE kind = 'closed')`,
    );
    assert.deepEqual(open, []);
  });

  it('failing, read-only from one moment to the next: INCONCLUSIVE and not acknowledged, NOT_READY(LEDGER); repaired, it goes on', {
    skip: noFragileDisk,
  }, async () => {
    const disk = mountFragileDisk(24);
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const dir = tempDir();
    const options = { broker: broker.url, dir, over: { inspector: { dataDir: join(disk.dir, 'data') } } };
    const inspector = await startTestInspector(options);
    await plc.untilReady();
    const picture = await redPicture(60);
    await plc.send(picture, { frameId: 'before' });
    await plc.untilClosed(1);
    disk.fail();
    await plc.send(picture, { frameId: 'refused' });
    await plc.until(() => plc.states.at(-1)?.reason === 'LEDGER', 'NOT_READY(LEDGER)');
    await plc.untilAlert('NOT_READY');
    await plc.until(() => plc.verdicts.length === 2, 'its verdict');
    const { verdict, recorded } = plc.verdictOf('refused');
    assert.deepEqual([verdict, recorded], ['INCONCLUSIVE', false]);
    assert.equal(await readMetric(inspector, 'frames_unacknowledged_total'), 1);
    await inspector.stop();
    disk.repair();
    const again = await startTestInspector(options);
    await plc.untilReady('cam1', again.bootId);
    await plc.send(picture, { frameId: 'before' });
    await plc.send(picture, { frameId: 'refused' });
    await plc.until(() => plc.records.some(({ frameId }) => frameId === 'refused'), 'the record of what comes again');
    await again.stop();
    const sql = `SELECT "frameId", json_extract("body", '$.verdict') AS "verdict" FROM "ledger" WHERE "kind" = 'closed'`;
    assert.deepEqual(await readTable(join(disk.dir, 'data', 'ledger.sqlite'), sql), [
      { frameId: 'before', verdict: 'PASS' },
      { frameId: 'refused', verdict: 'PASS' },
    ]);
  });

  it('read-only: says so at the start and inspects nothing', async () => {
    const disk = mountSmallDisk(1, { isReadOnly: true });
    const over = { inspector: { dataDir: disk.dir } };
    await assert.rejects(startTestInspector({ broker: 'embedded', over }), {
      code: 'DATA_FOLDER',
      message: /Expected a folder this user may write: inspector\.dataDir/,
    });
  });
});

describe('promise 4: the ledger', { skip: mosquitto.skip, timeout: 300_000 }, () => {
  it('not writable, here because another program holds it: INCONCLUSIVE, NOT_READY(LEDGER); goes on when it is free', async () => {
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const dir = tempDir();
    await startTestInspector({ broker: broker.url, dir });
    await plc.untilReady();
    const intruder = new Database(join(dir, 'data', 'ledger.sqlite'));
    intruder.exec('BEGIN IMMEDIATE');
    const picture = await redPicture(60);
    await plc.send(picture, { frameId: 'refused' });
    await plc.until(() => plc.states.at(-1)?.reason === 'LEDGER', 'NOT_READY(LEDGER)', 30_000);
    await plc.until(() => plc.verdicts.length === 1, 'its verdict');
    const { verdict, recorded } = plc.verdictOf('refused');
    assert.deepEqual([verdict, recorded], ['INCONCLUSIVE', false]);
    intruder.exec('ROLLBACK');
    intruder.close();
    await plc.until(() => plc.states.at(-1)?.state === 'READY', 'READY again', 30_000);
    // The broker has no acknowledgement, so the camera sends it again; nothing was recorded of it before.
    await plc.send(picture, { frameId: 'refused' });
    await plc.until(() => plc.records.some(({ frameId }) => frameId === 'refused'), 'its record');
    assert.equal(plc.records.filter(({ frameId }) => frameId === 'refused').length, 1);
  });
});
