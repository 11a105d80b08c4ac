import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { AbstractLogger, DataSource } from 'typeorm';
import { type CodedError, DependencyError, type PartQuery, type PartVerdict, type VerdictQuery } from '#contracts';
import { makeArrival, makeOverrideCall, makePart, makeVerdict } from '../../../../test/factories/frames.js';
import { readTable } from '../../../../test/factories/inspector.js';
import { startTcpServer } from '../../../../test/factories/tcp-server.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { until } from '../../../../test/factories/until.js';
import { LedgerStore } from './ledger-store.js';
import { Plant, type PlantEvents } from './plant.js';
import { PLANT_MIGRATIONS, PlantDatabase } from './plant-database.js';
import { PlantStore } from './plant-store.js';

interface Places {
  readonly ledgerFile: string;
  readonly plantFile: string;
}

function makePlaces(dir = tempDir()): Places {
  return { ledgerFile: join(dir, 'ledger.sqlite'), plantFile: join(dir, 'plant.sqlite') };
}

async function inspect(
  ledger: LedgerStore,
  frameId: string,
  over: Parameters<typeof makeVerdict>[0] = {},
): Promise<void> {
  await ledger.accept(makeArrival({ frameId, seq: null }));
  await ledger.close({ verdict: makeVerdict({ frameId, ...over }), picture: null });
}

/** Everything is over. */
const ALL = { behind: 0, anewFrom: null };
const SILENT: PlantEvents = { onState: () => undefined, onAnew: () => undefined, onDeath: () => undefined };

function openPlant({ ledgerFile, plantFile }: Places, inspectorId = 'i1'): Promise<PlantStore> {
  return PlantStore.open({ inspectorId, ledgerFile, place: { type: 'better-sqlite3', file: plantFile } });
}

const change = (plant: PlantStore, sql: string): Promise<unknown> =>
  plant['plant'].use('PLANT_WRITE', (database) => database.query(sql));

/** Hears what TypeORM asks a database. */
class Ear extends AbstractLogger {
  constructor(private readonly hear: (sql: string, values: unknown[]) => void) {
    super(['query']);
  }

  override logQuery(sql: string, values: unknown[] = []): void {
    if (!sql.startsWith('EXPLAIN')) this.hear(sql, values);
  }

  protected writeLog(): void {}
}

const framesIn = async ({ plantFile }: Places): Promise<string[]> =>
  (await readTable<{ frameId: string }>(plantFile, 'SELECT frameId FROM inspected_frame ORDER BY ledgerRow')).map(
    ({ frameId }) => frameId,
  );

describe('the way from the ledger to the plant database', () => {
  it('brings every closed frame over once, however often it is walked', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    await inspect(ledger, 'a');
    const plant = await openPlant(places);
    await plant.forward();
    await inspect(ledger, 'b');
    await ledger.accept(makeArrival({ frameId: 'still-open', seq: 9 }));
    assert.deepEqual([await plant.forward(), await plant.forward()], [ALL, ALL]);
    await plant.stop();
    const again = await openPlant(places);
    await again.forward();
    await again.stop();
    assert.deepEqual(await framesIn(places), ['a', 'b']);
    await ledger.stop();
  });

  it('leaves rows alone that are there although the cursor was lost', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    await inspect(ledger, 'a');
    const plant = await openPlant(places);
    await plant.forward();
    await change(plant, 'DELETE FROM ledger_cursor');
    await plant.forward();
    assert.deepEqual(await framesIn(places), ['a']);
    await plant.stop();
    await ledger.stop();
  });

  it('counts what the gate heard where the window ended while the verdict was recorded, in the same lines or later', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    const plant = await openPlant(places);
    const rows = (): Promise<object[]> =>
      readTable(places.plantFile, 'SELECT frameId, verdict, reason, isLate FROM inspected_frame ORDER BY frameId');
    const late = { verdict: 'INCONCLUSIVE', reason: 'LATE', late: true } as const;
    await inspect(ledger, 'a', { verdict: 'PASS' });
    await ledger.overtake(makeVerdict({ frameId: 'a', ...late }));
    await inspect(ledger, 'b', { verdict: 'PASS' });
    await plant.forward();
    await ledger.overtake(makeVerdict({ frameId: 'b', ...late }));
    assert.equal((await plant.forward()).behind, 0);
    const heard = { verdict: 'INCONCLUSIVE', reason: 'LATE', isLate: 1 };
    assert.deepEqual(await rows(), [
      { frameId: 'a', ...heard },
      { frameId: 'b', ...heard },
    ]);
    const part = { ...makePart({ inspection: 'p1', frames: ['a', 'b'] }), verdict: 'PASS' } as const;
    await ledger.closePart(part);
    await plant.forward();
    await ledger.overtake({ ...part, ...late });
    await plant.forward();
    const sql = 'SELECT inspection, verdict, reason, isLate FROM inspected_part';
    const [ofPart] = await readTable(places.plantFile, sql);
    assert.deepEqual(ofPart, { inspection: 'p1', ...heard });
    const { verdicts } = await plant.search({ verdict: 'REJECT', limit: 5 });
    assert.deepEqual(verdicts.map(({ frameId }) => frameId).toSorted(), ['a', 'b']);
    await plant.stop();
    await ledger.stop();
  });

  it('knows the picture of a frame that was kept after it was closed, in the same lines or later', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    const plant = await openPlant(places);
    const keepLater = (frameId: string, picture: string): Promise<void> =>
      ledger.keepPicture({ verdict: makeVerdict({ frameId, verdict: 'PASS' }), picture });
    await inspect(ledger, 'a', { verdict: 'PASS' });
    await keepLater('a', 'of-a');
    await inspect(ledger, 'b', { verdict: 'PASS' });
    await plant.forward();
    await keepLater('b', 'of-b');
    assert.equal((await plant.forward()).behind, 0);
    const sql = 'SELECT frameId, verdict, picture FROM inspected_frame ORDER BY frameId';
    assert.deepEqual(await readTable(places.plantFile, sql), [
      { frameId: 'a', verdict: 'PASS', picture: 'of-a' },
      { frameId: 'b', verdict: 'PASS', picture: 'of-b' },
    ]);
    await plant.stop();
    await ledger.stop();
  });

  it("brings a person's word over once, beside the machine's, and knows a part's newest record", async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    await inspect(ledger, 'a', { partId: 'SN1', verdict: 'FAIL', defectClass: 'crack' });
    await ledger.override(makeOverrideCall({ of: { kind: 'frame', id: 'a' } }));
    const plant = await openPlant(places);
    assert.deepEqual(await plant.forward(), ALL);
    await change(plant, 'DELETE FROM ledger_cursor');
    await plant.forward();
    assert.deepEqual(await plant.newestOf('SN1'), { kind: 'frame', id: 'a' });
    assert.equal(await plant.newestOf('SN2'), null);
    await plant.stop();
    const sql = 'SELECT frameId, disposition, saidBy, machineVerdict, machineDefectClass FROM verdict_override';
    assert.deepEqual(await readTable(places.plantFile, sql), [
      {
        frameId: 'a',
        disposition: 'rework',
        saidBy: 'Ada Lovelace',
        machineVerdict: 'FAIL',
        machineDefectClass: 'crack',
      },
    ]);
    await ledger.stop();
  });

  it("knows a part's newest record among those still to come: what is there may be an earlier inspection", async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    const plant = await openPlant(places);
    await inspect(ledger, 'first', { partId: 'SN1' });
    assert.deepEqual(await plant.newestOf('SN1'), { kind: 'frame', id: 'first' });
    await plant.forward();
    await ledger.transaction(async () => {
      for (let i = 0; i < 600; i++) await inspect(ledger, `f${i}`);
      await inspect(ledger, 'again', { partId: 'SN1' });
    });
    await plant.forward();
    assert.deepEqual(await plant.newestOf('SN1'), { kind: 'frame', id: 'again' });
    await ledger.closePart({ ...makePart({ inspection: 'i1', frames: ['again'] }), partId: 'SN1' });
    assert.deepEqual(await plant.newestOf('SN1'), { kind: 'part', id: 'i1' });
    assert.equal(await plant.newestOf('SN2'), null);
    const beyond = `INSERT INTO "ledger" ("row", "kind", "frameId", "body") VALUES (30000, 'closed', 'far', '{}')`;
    await ledger.transaction(() => ledger['runner'].query(beyond));
    await assert.rejects(plant.newestOf('SN1'), { code: 'PLANT_READ', message: /rows behind.*Name its frame/ });
    await plant.stop();
    await ledger.stop();
  });

  it("knows a part's newest record also where the clock was set back before it, and where the ledger was begun anew", async () => {
    const places = makePlaces();
    const at = (day: number) => ({ capture: null, received: `2026-03-0${day}`, decided: `2026-03-0${day}` });
    const ledger = await LedgerStore.open(places.ledgerFile);
    await inspect(ledger, 'first', { partId: 'SN1', ts: at(5) });
    await inspect(ledger, 'again', { partId: 'SN1', ts: at(1) });
    for (const [inspection, day] of [
      ['p-first', 5],
      ['p-again', 1],
    ] as const)
      await ledger.closePart({
        ...makePart({ inspection, frames: [] }),
        partId: 'SN2',
        ts: { first: '', decided: at(day).decided },
      });
    const plant = await openPlant(places);
    await plant.forward();
    assert.deepEqual(await plant.newestOf('SN1'), { kind: 'frame', id: 'again' });
    assert.deepEqual(await plant.newestOf('SN2'), { kind: 'part', id: 'p-again' });
    for (const store of [plant, ledger]) await store.stop();
    const { ledgerFile } = makePlaces();
    const anew = await LedgerStore.open(ledgerFile);
    await inspect(anew, 'anew', { partId: 'SN1', ts: at(6) });
    const other = await openPlant({ ...places, ledgerFile });
    await other.forward();
    assert.deepEqual(await other.newestOf('SN1'), { kind: 'frame', id: 'anew' }, 'of the rows of another ledger none');
    assert.equal(await other.newestOf('SN2'), null, 'whose records take no word of a person');
    for (const store of [other, anew]) await store.stop();
  });

  it("knows a part's newest record of two that were decided in one millisecond", async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    for (const frameId of ['b', 'a']) await inspect(ledger, frameId, { partId: 'SN1' });
    for (const inspection of ['y', 'x'])
      await ledger.closePart({ ...makePart({ inspection, frames: [] }), partId: 'SN2' });
    const plant = await openPlant(places);
    await plant.forward();
    assert.deepEqual(await plant.newestOf('SN1'), { kind: 'frame', id: 'a' });
    assert.deepEqual(await plant.newestOf('SN2'), { kind: 'part', id: 'x' });
    await plant.stop();
    await ledger.stop();
  });

  it('brings a record over whose names hold NULs, which PostgreSQL would refuse, and those behind it', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    await inspect(ledger, 'a', { lot: 'L42\0\0', partId: 'SN1\0' });
    await inspect(ledger, 'b');
    const plant = await openPlant(places);
    assert.equal((await plant.forward()).behind, 0);
    await plant.stop();
    const sql = `SELECT "lot", "partId", instr("body", char(0)) AS "nulAt" FROM inspected_frame ORDER BY ledgerRow`;
    assert.deepEqual(await readTable(places.plantFile, sql), [
      { lot: 'L42\uFFFD\uFFFD', partId: 'SN1\uFFFD', nulAt: 0 },
      { lot: 'lot-1', partId: 'part-1', nulAt: 0 },
    ]);
    await ledger.stop();
  });

  it('begins at the first row of a new ledger', async () => {
    const places = makePlaces();
    const fresh = { ...places, ledgerFile: join(tempDir(), 'ledger.sqlite') };
    for (const [{ ledgerFile }, frameId] of [
      [places, 'old'],
      [fresh, 'new'],
    ] as const) {
      const ledger = await LedgerStore.open(ledgerFile);
      await inspect(ledger, frameId);
      const plant = await openPlant({ ...places, ledgerFile });
      await plant.forward();
      await plant.stop();
      await ledger.stop();
    }
    assert.deepEqual((await framesIn(places)).toSorted(), ['new', 'old']);
  });

  for (const [newer, what] of [
    [0, 'has not come to the row again that the cursor names'],
    [1, 'has another row where the cursor stands'],
    [3, 'has outgrown the cursor'],
  ] as const) {
    it(`begins anew, once, with a ledger that was put back from a copy and ${what}`, async () => {
      const places = makePlaces();
      const copy = join(tempDir(), 'copy.sqlite');
      const first = await LedgerStore.open(places.ledgerFile);
      await inspect(first, 'kept');
      const before = await openPlant(places);
      await before.forward();
      await first['source'].query('VACUUM INTO ?', [copy]);
      await inspect(first, 'lost');
      await before.forward();
      await before.stop();
      await first.stop();

      const restored = await LedgerStore.open(copy);
      const ids = ['n1', 'n2', 'n3'].slice(0, newer);
      for (const frameId of ids) await inspect(restored, frameId);
      const plant = await openPlant({ ...places, ledgerFile: copy });
      assert.deepEqual(await plant.forward(), { behind: 0, anewFrom: 4 });
      assert.deepEqual(await plant.forward(), ALL);
      await plant.stop();
      await restored.stop();
      assert.deepEqual((await framesIn(places)).toSorted(), ['kept', 'lost', ...ids]);
    });
  }

  it('believes a cursor without a fingerprint', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    await inspect(ledger, 'a');
    const plant = await openPlant(places);
    await plant.forward();
    await change(plant, 'UPDATE ledger_cursor SET fingerprint = NULL');
    await inspect(ledger, 'b');
    assert.deepEqual(await plant.forward(), ALL);
    assert.deepEqual(await framesIn(places), ['a', 'b']);
    await plant.stop();
    await ledger.stop();
  });

  it('says how far it is behind, and catches up', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    await ledger.transaction(async () => {
      for (let i = 0; i < 700; i++) await inspect(ledger, `f${i}`);
    });
    const plant = await openPlant(places);
    assert.deepEqual([(await plant.forward()).behind > 0, await plant.forward()], [true, ALL]);
    assert.equal((await framesIn(places)).length, 700);
    await plant.stop();
    await ledger.stop();
  });

  it('asks no more often where many verdicts were overtaken, as on a slow disk', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    const late = { verdict: 'INCONCLUSIVE', reason: 'LATE', late: true } as const;
    await ledger.transaction(async () => {
      for (let i = 0; i < 200; i++) {
        await inspect(ledger, `f${i}`, { verdict: 'PASS' });
        await ledger.overtake(makeVerdict({ frameId: `f${i}`, ...late }));
      }
    });
    const plant = await openPlant(places);
    const asked: string[] = [];
    await plant['plant'].use('PLANT_WRITE', async (database) => {
      database.setOptions({ logging: ['query'], logger: new Ear((sql) => void asked.push(sql)) });
    });
    assert.deepEqual(await plant.forward(), ALL);
    const [counted] = await readTable(
      places.plantFile,
      `SELECT COUNT(*) AS "frames", SUM("isLate" AND "verdict" = 'INCONCLUSIVE' AND "reason" = 'LATE') AS "late" FROM inspected_frame`,
    );
    assert.deepEqual([counted, asked.length <= 9], [{ frames: 200, late: 200 }, true]);
    await plant.stop();
    await ledger.stop();
  });

  it('brings more over at once where answers take long and much is to come: the statements are as many', async ({
    mock,
  }) => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    await ledger.transaction(async () => {
      for (let i = 0; i < 5_000; i++) await inspect(ledger, `f${i}`);
    });
    const plant = await openPlant(places);
    let nowMs = 0;
    let answerMs = 1_000;
    let asked = 0;
    mock.method(performance, 'now', () => nowMs);
    const hear = (): void => {
      asked += 1;
      nowMs += answerMs;
    };
    await plant['plant'].use('PLANT_WRITE', async (database) => {
      database.setOptions({ logging: ['query'], logger: new Ear(hear) });
    });
    const bring = async (): Promise<{ rows: number; isFew: boolean }> => {
      const before = (await framesIn(places)).length;
      asked = 0;
      await plant.forward();
      return { rows: (await framesIn(places)).length - before, isFew: asked <= 9 };
    };
    const brought = [await bring(), await bring(), await bring()];
    const other = new Database(places.plantFile);
    other.exec('ALTER TABLE ledger_cursor RENAME TO away');
    await assert.rejects(plant.forward(), { code: 'PLANT_WRITE' });
    other.exec('ALTER TABLE away RENAME TO ledger_cursor');
    other.close();
    answerMs = 1;
    brought.push(await bring(), await bring());
    assert.deepEqual(
      brought.map(({ rows }) => rows),
      [500, 1_000, 2_000, 500, 500],
    );
    assert.ok(brought.every(({ isFew }) => isFew));
    await plant.stop();
    await ledger.stop();
  });
});

describe('the plant database', () => {
  it('is searched by camera, part, lot, verdict and time, newest first, in its own thread', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    const at = (second: number) => ({
      capture: null,
      received: `2026-01-02T03:04:0${second}.000Z`,
      decided: `2026-01-02T03:04:0${second}.500Z`,
    });
    await inspect(ledger, 'a', { verdict: 'PASS', ts: at(1) });
    await inspect(ledger, 'b', { verdict: 'FAIL', ts: at(2), partId: 'SN1', lot: 'L7' });
    await inspect(ledger, 'c', { verdict: 'INCONCLUSIVE', ts: at(3), camera: 'cam2', partId: 'SN1' });
    const plant = new Plant({
      ...SILENT,
      onState: (error) => assert.fail(String(error)),
      onDeath: (error) => assert.fail(error),
    });
    await plant.start({
      inspectorId: 'i1',
      ledgerFile: places.ledgerFile,
      place: { type: 'better-sqlite3', file: places.plantFile },
    });
    after(() => plant.stop());
    let found = await plant.search({ limit: 9 });
    while (found.verdicts.length < 3) found = await plant.search({ limit: 9 });
    const ids = async (query: Parameters<Plant['search']>[0]) =>
      (await plant.search(query)).verdicts.map(({ frameId }) => frameId);
    assert.deepEqual(await ids({ limit: 9 }), ['c', 'b', 'a']);
    assert.deepEqual(await ids({ limit: 9, verdict: 'REJECT' }), ['c', 'b']);
    assert.deepEqual(await ids({ limit: 9, camera: 'cam1' }), ['b', 'a']);
    assert.deepEqual(await ids({ limit: 9, before: at(3).decided, from: at(2).decided }), ['b']);
    assert.deepEqual(await ids({ limit: 9, partId: 'SN1' }), ['c', 'b']);
    assert.deepEqual(await ids({ limit: 9, partId: 'SN1', lot: 'L7' }), ['b']);
    const { verdicts, more } = await plant.search({ limit: 1 });
    assert.deepEqual([verdicts.length, more], [1, true]);
    await ledger.stop();
  });

  it('knows the newest record of a part that was closed a moment ago, and tells of a ledger that was put back', async () => {
    const places = makePlaces();
    const copy = join(tempDir(), 'copy.sqlite');
    const first = await LedgerStore.open(places.ledgerFile);
    await inspect(first, 'kept');
    await first['source'].query('VACUUM INTO ?', [copy]);
    await inspect(first, 'lost');
    const before = await openPlant(places);
    await before.forward();
    await before.stop();
    await first.stop();
    const restored = await LedgerStore.open(copy);
    const plant = new Plant({ ...SILENT, onAnew: (row) => anew.push(row), onDeath: (error) => assert.fail(error) });
    const anew: number[] = [];
    await plant.start({
      inspectorId: 'i1',
      ledgerFile: copy,
      place: { type: 'better-sqlite3', file: places.plantFile },
    });
    after(() => plant.stop());
    await inspect(restored, 'fresh', { partId: 'SN9' });
    assert.deepEqual(await plant.newestOf('SN9'), { kind: 'frame', id: 'fresh' });
    await until(() => anew.length === 1, 'the word that it begins anew');
    await restored.stop();
  });

  it('takes the records of two inspectors that began with copies of one ledger, as from one disk image, side by side', async () => {
    const places = makePlaces();
    const copy = join(tempDir(), 'copy.sqlite');
    const first = await LedgerStore.open(places.ledgerFile);
    for (let i = 0; i < 600; i++) await inspect(first, `before-${i}`);
    await first['source'].query('VACUUM INTO ?', [copy]);
    const second = await LedgerStore.open(copy);
    const plants = [await openPlant(places, 'i1'), await openPlant({ ...places, ledgerFile: copy }, 'i2')];
    const bring = async (): Promise<number[]> => {
      let behind: number[] = [];
      for (let turn = 0; turn < 5; turn++) {
        behind = [];
        for (const plant of plants) behind.push((await plant.forward()).behind);
      }
      return behind;
    };
    assert.deepEqual(await bring(), [0, 0]);
    await inspect(first, 'of-first');
    await inspect(second, 'of-second');
    const anew = [];
    for (const plant of plants) anew.push((await plant.forward()).anewFrom);
    assert.deepEqual(
      [await bring(), anew],
      [
        [0, 0],
        [null, null],
      ],
    );
    const sql = `SELECT inspectorId, frameId FROM inspected_frame WHERE frameId LIKE 'of-%' ORDER BY frameId`;
    assert.deepEqual(await readTable(places.plantFile, sql), [
      { inspectorId: 'i1', frameId: 'of-first' },
      { inspectorId: 'i2', frameId: 'of-second' },
    ]);
    for (const store of [...plants, first, second]) await store.stop();
  });

  it('of an inspector that has another name now goes on where it was', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    await inspect(ledger, 'before');
    const former = await openPlant(places, 'i1');
    await former.forward();
    await former.stop();
    await inspect(ledger, 'after');
    const renamed = await openPlant(places, 'i2');
    assert.deepEqual(await renamed.forward(), ALL);
    await renamed.stop();
    const sql = 'SELECT inspectorId, frameId FROM inspected_frame ORDER BY ledgerRow';
    assert.deepEqual(await readTable(places.plantFile, sql), [
      { inspectorId: 'i1', frameId: 'before' },
      { inspectorId: 'i2', frameId: 'after' },
    ]);
    await ledger.stop();
  });

  it('is paged through without leaving out any of those decided at one moment', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    for (const frameId of ['b', 'e', 'a', 'd', 'c']) await inspect(ledger, frameId, { camera: `cam-${frameId}` });
    const plant = await openPlant(places);
    await plant.forward();
    const seen: string[] = [];
    let cursor = {};
    for (let hasMore = true; hasMore; ) {
      const { verdicts, more } = await plant.search({ limit: 2, ...cursor });
      const last = verdicts.at(-1);
      assert.ok(last);
      seen.push(...verdicts.map(({ frameId }) => frameId));
      cursor = { before: last.ts.decided, beforeFrame: last.frameId };
      hasMore = more;
    }
    assert.deepEqual(seen, ['e', 'd', 'c', 'b', 'a']);
    await plant.stop();
    await ledger.stop();
  });

  it("shows an inspector its own verdicts alone, where others write beside it: of a shadow the line's gate has heard nothing", async () => {
    const line = makePlaces();
    const shadow = { ...line, ledgerFile: join(tempDir(), 'ledger.sqlite') };
    for (const [places, id, verdict] of [
      [line, 'line', 'PASS'],
      [shadow, 'shadow', 'FAIL'],
    ] as const) {
      const ledger = await LedgerStore.open(places.ledgerFile);
      await inspect(ledger, 'a', { verdict });
      const plant = await openPlant(places, id);
      await plant.forward();
      await plant.stop();
      await ledger.stop();
    }
    const plant = await openPlant(line, 'line');
    const said = async (query: Partial<VerdictQuery>) =>
      (await plant.search({ limit: 9, ...query })).verdicts.map(({ verdict }) => verdict);
    assert.deepEqual(
      [await said({}), await said({ partId: 'part-1' }), await said({ verdict: 'REJECT' })],
      [['PASS'], ['PASS'], []],
    );
    await plant.stop();
  });

  it('is searched for parts of several views as for frames: by part, lot, verdict and time, page by page', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    const decided = (second: number) => `2026-01-02T03:04:0${second}.500Z`;
    const close = (inspection: string, second: number, over: Partial<PartVerdict> = {}) =>
      ledger.closePart({
        ...makePart({ inspection, frames: [`${inspection}-top`] }),
        ts: { first: decided(0), decided: decided(second) },
        ...over,
      });
    await close('a', 1, { verdict: 'PASS' });
    await close('b', 2, { partId: 'SN1', lot: 'L7' });
    await close('c', 3, { partId: 'SN1', verdict: 'INCONCLUSIVE', reason: 'MISSING_VIEW' });
    await close('d', 3, { verdict: 'PASS' });
    const plant = await openPlant(places);
    await plant.forward();
    const ids = async (query: Partial<PartQuery>) =>
      (await plant.searchParts({ limit: 9, ...query })).parts.map(({ inspection }) => inspection);
    assert.deepEqual(await ids({}), ['d', 'c', 'b', 'a']);
    assert.deepEqual(await ids({ verdict: 'REJECT' }), ['c', 'b']);
    assert.deepEqual(await ids({ verdict: 'PASS' }), ['d', 'a']);
    assert.deepEqual(await ids({ partId: 'SN1' }), ['c', 'b']);
    assert.deepEqual(await ids({ lot: 'L7' }), ['b']);
    assert.deepEqual(await ids({ from: decided(2), before: decided(3) }), ['b']);
    assert.deepEqual(await ids({ before: decided(3), beforeInspection: 'd' }), ['c', 'b', 'a']);
    assert.equal((await plant.searchParts({ limit: 3 })).more, true);
    const other = await openPlant(places, 'i2');
    assert.deepEqual(await other.searchParts({ limit: 9 }), { parts: [], more: false });
    await other.stop();
    await plant.stop();
    await ledger.stop();
  });

  it('of a version that knew less of its parts is brought up with what their records say', async () => {
    const places = makePlaces();
    const migrations = PLANT_MIGRATIONS.slice(0, -1);
    const old = await new DataSource({
      ...{ type: 'better-sqlite3', database: places.plantFile },
      ...{ migrations, migrationsRun: true },
    }).initialize();
    const columns = [
      'inspectorId',
      'inspection',
      'ledgerRow',
      'partId',
      'verdict',
      'reason',
      'decidedTs',
      'isHistorical',
    ];
    for (const [i, mark] of (['late', 'simulated', 'challenge'] as const).entries()) {
      const part = { ...makePart({ inspection: mark, frames: [] }), [mark]: true, partId: '"late":true' };
      const values = ['i1', mark, i, part.partId, 'FAIL', 'MODEL', part.ts.decided, 0, JSON.stringify(part)];
      const places = values.map(() => '?').join(', ');
      await old.query(`INSERT INTO inspected_part (${columns.join(', ')}, body) VALUES (${places})`, values);
    }
    await old.destroy();
    const ledger = await LedgerStore.open(places.ledgerFile);
    await ledger.closePart({ ...makePart({ inspection: 'new', frames: [] }), simulated: true });
    const plant = await openPlant(places);
    await plant.forward();
    assert.equal((await plant.searchParts({ limit: 9 })).parts.length, 4);
    await plant.stop();
    await ledger.stop();
    const sql = 'SELECT inspection, isLate, isSimulated, isChallenge FROM inspected_part ORDER BY inspection';
    assert.deepEqual(
      (await readTable<object>(places.plantFile, sql)).map((row) => Object.values(row).join(' ')),
      ['challenge 0 0 1', 'late 1 0 0', 'new 0 1 0', 'simulated 0 1 0'],
    );
  });

  it('finds every search by an index that has its rows in their order, the most selective one', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    const plant = await openPlant(places);
    const asked: [string, unknown[]][] = [];
    await plant['plant'].use('PLANT_READ', async (database) => {
      database.setOptions({ logging: ['query'], logger: new Ear((...call) => asked.push(call)) });
    });
    const part = { partId: 'p' };
    const lot = { lot: 'l' };
    const camera = { camera: 'c' };
    const page = { before: '2026-01-02T03:04:05.006Z', beforeFrame: 'f' };
    const cases: [Partial<VerdictQuery>, string][] = [
      [{}, 'verdict_decidedTs'],
      [page, 'verdict_decidedTs'],
      [{ verdict: 'REJECT' }, 'verdict_decidedTs'],
      [{ ...camera, verdict: 'INCONCLUSIVE', ...page }, 'camera_verdict_decidedTs'],
      [{ ...lot, ...page }, 'lot_verdict_decidedTs'],
      [{ ...lot, ...camera, from: page.before, ...page }, 'lot_verdict_decidedTs'],
      [{ ...part, verdict: 'PASS' }, 'partId_verdict_decidedTs'],
      [{ ...part, ...lot, ...camera, from: page.before }, 'partId_verdict_decidedTs'],
    ];
    const ofParts = { before: page.before, beforeInspection: 'i' };
    const partCases: [Partial<PartQuery>, string][] = [
      [{ verdict: 'REJECT', ...ofParts }, 'verdict_decidedTs'],
      [{ ...lot, from: page.before, ...ofParts }, 'lot_verdict_decidedTs'],
      [{ ...part, ...lot, verdict: 'PASS' }, 'partId_verdict_decidedTs'],
    ];
    const searches = [
      ...cases.map(([query, index]) => {
        return { table: 'inspected_frame', query, index, search: () => plant.search({ limit: 50, ...query }) };
      }),
      ...partCases.map(([query, index]) => {
        return { table: 'inspected_part', query, index, search: () => plant.searchParts({ limit: 50, ...query }) };
      }),
    ];
    for (const { table, query, index, search } of searches) {
      asked.length = 0;
      await search();
      const byWord = asked.slice(0, -1);
      for (const [sql, values] of byWord) {
        const plan = await plant['plant'].use('PLANT_READ', (database) =>
          database.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, values),
        );
        const [first, ...rest] = plan.map(({ detail }) => detail);
        assert.match(first ?? '', new RegExp(`^SEARCH ${table} USING INDEX ${table}_by_inspectorId_${index} `));
        assert.deepEqual(rest, ['USE TEMP B-TREE FOR LAST TERM OF ORDER BY'], JSON.stringify(query));
      }
    }
    await plant.stop();
    await ledger.stop();
  });

  it('of a newer version is refused with what to do and stays as it is; one where another program keeps its migrations is not', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    await inspect(ledger, 'a');
    const maker = await openPlant(places);
    const brought = (name: string, at: number): Promise<unknown> =>
      change(maker, `INSERT INTO "migrations" ("timestamp", "name") VALUES (${at}, '${name}${at}')`);
    await brought('Orders', 1_690_000_000_000);
    assert.deepEqual(await maker.forward(), ALL);
    await brought('PlantShifts', 1_700_000_000_900);
    await maker.stop();
    await inspect(ledger, 'b');
    const plant = await openPlant(places);
    const message =
      /newer version of Lineside.* PlantShifts1700000000900\. Start the newer version.*wait in the ledger/;
    for (let attempt = 0; attempt < 2; attempt++) {
      await assert.rejects(plant.forward(), { code: 'PLANT_WRITE', message });
      await assert.rejects(plant.search({ limit: 1 }), { code: 'PLANT_READ', message });
    }
    await plant.stop();
    await ledger.stop();
    assert.deepEqual(await framesIn(places), ['a']);
  });

  it('of this version is left alone from when a newer one brings it up, also by who has it open', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    await inspect(ledger, 'a');
    const plant = await openPlant(places);
    await plant.forward();
    const other = new Database(places.plantFile);
    other.exec(`INSERT INTO "migrations" ("timestamp", "name") VALUES (1700000000900, 'PlantShifts1700000000900')`);
    await inspect(ledger, 'b');
    const newer = { code: 'PLANT_WRITE', message: /newer version of Lineside.*wait in the ledger/ };
    for (let attempt = 0; attempt < 2; attempt++) await assert.rejects(plant.forward(), newer);
    assert.deepEqual(await framesIn(places), ['a']);
    other.exec(`DELETE FROM "migrations" WHERE "timestamp" = 1700000000900`);
    other.close();
    assert.deepEqual(await plant.forward(), ALL);
    assert.deepEqual(await framesIn(places), ['a', 'b']);
    await plant.stop();
    await ledger.stop();
  });

  it('that cannot be used does not keep the inspector from starting: it is told, and tried again', async () => {
    const places = makePlaces();
    writeFileSync(places.plantFile, 'this is no database'.repeat(100));
    const ledger = await LedgerStore.open(places.ledgerFile);
    await inspect(ledger, 'a');
    const { ledgerFile, plantFile } = places;
    const states: (string | null)[] = [];
    await new Promise<void>((resolve) => {
      const onState = (error: CodedError | null): void => {
        states.push(error?.code ?? null);
        if (error === null) resolve();
        else rmSync(plantFile, { force: true });
      };
      const plant = new Plant({ ...SILENT, onState });
      after(() => plant.stop());
      void plant.start({ inspectorId: 'i1', ledgerFile, place: { type: 'better-sqlite3', file: plantFile } });
    });
    assert.deepEqual(states, ['PLANT_WRITE', null]);
    assert.deepEqual(await framesIn(places), ['a']);
    await ledger.stop();
  });

  it('that is still being opened, as while its tables are made, is said so to who asks; how far it is behind is not known', async ({
    mock,
  }) => {
    const { ledgerFile } = makePlaces();
    await (await LedgerStore.open(ledgerFile)).stop();
    const silent = await startTcpServer(() => undefined);
    const url = `postgres://127.0.0.1:${silent.port}/plant`;
    const plant = new Plant(SILENT);
    await plant.start({ inspectorId: 'i1', ledgerFile, place: { type: 'postgres', url } });
    after(() => plant.stop());
    mock.timers.enable({ apis: ['setTimeout'] });
    const asked = [plant.search({ limit: 9 }), plant.newestOf('SN1')];
    mock.timers.tick(2_000);
    mock.timers.reset();
    for (const each of asked) await assert.rejects(each, { code: 'PLANT_READ', message: /is being opened/ });
    assert.ok(Number.isNaN(plant.behind));
  });

  it('whose tables take long is told, until they are there', async ({ mock }) => {
    const states: (string | undefined)[] = [];
    const plant = new Plant({ ...SILENT, onState: (error) => void states.push(error?.message) });
    const steps = new EventEmitter();
    mock.method(plant['thread'], 'start', async () => undefined);
    mock.method(plant['thread'], 'call', async (name: string) => {
      if (name === 'connect') {
        steps.emit('asked');
        await once(steps, 'opened');
      }
      return name === 'forward' ? ALL : undefined;
    });
    mock.timers.enable({ apis: ['setTimeout'] });
    const { ledgerFile, plantFile } = makePlaces();
    await plant.start({ inspectorId: 'i1', ledgerFile, place: { type: 'better-sqlite3', file: plantFile } });
    const asked = once(steps, 'asked');
    mock.timers.tick(200);
    await asked;
    mock.timers.tick(19_999);
    assert.deepEqual(states, []);
    mock.timers.tick(1);
    assert.match(states.join(), /^Plant database is being opened.* Verdicts go on/);
    steps.emit('opened');
    await plant.caughtUp;
    await nextTurn();
    assert.deepEqual(states.slice(1), [undefined]);
  });

  it('that refuses is told once and left alone for a while, however many frames are closed', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    const maker = await openPlant(places);
    await maker.forward();
    await maker.stop();
    const told: (string | undefined)[] = [];
    let hear = (): void => undefined;
    const heard = new Promise<void>((resolve) => {
      hear = resolve;
    });
    const onState: PlantEvents['onState'] = (error) => {
      told.push(error?.code);
      hear();
    };
    const plant = new Plant({ ...SILENT, onState, onDeath: (error) => assert.fail(error) });
    const place = { type: 'better-sqlite3', file: places.plantFile } as const;
    await plant.start({ inspectorId: 'i1', ledgerFile: places.ledgerFile, place });
    after(() => plant.stop());
    const other = new Database(places.plantFile);
    other.exec('DROP TABLE ledger_cursor');
    other.close();
    await inspect(ledger, 'a');
    plant.wake();
    await heard;
    for (let frame = 0; frame < 5; frame++) plant.wake();
    await plant.stop();
    assert.deepEqual(told, ['PLANT_WRITE']);
    await ledger.stop();
  });

  it('that is away falls behind, and that is counted while it is', async () => {
    const places = makePlaces();
    const ledger = await LedgerStore.open(places.ledgerFile);
    const maker = await openPlant(places);
    await inspect(ledger, 'a');
    await maker.forward();
    await maker.stop();
    const refusals: (string | undefined)[] = [];
    const onState: PlantEvents['onState'] = (error) => void refusals.push(error?.code);
    const place = { type: 'better-sqlite3', file: places.plantFile } as const;
    const options = { inspectorId: 'i1', ledgerFile: places.ledgerFile, place };
    const other = new Database(places.plantFile);
    after(() => other.close());
    const plant = new Plant({ ...SILENT, onState, onDeath: (error) => assert.fail(error) });
    await plant.start(options);
    after(() => plant.stop());
    await until(() => plant.behind === 0, 'all of it to be there');
    other.exec('ALTER TABLE ledger_cursor RENAME TO away');
    for (const [frameId, behind] of [
      ['b', 2],
      ['c', 4],
    ] as const) {
      await inspect(ledger, frameId);
      plant.wake();
      await until(() => plant.behind === behind, `${behind} rows to come`);
    }
    assert.deepEqual([...new Set(refusals)], ['PLANT_WRITE']);
    other.exec('ALTER TABLE away RENAME TO ledger_cursor');
    await until(() => plant.behind === 0, 'the rest to be there');
    await ledger.stop();
  });

  it('keeps its connection where what was asked is refused, and begins anew where it failed', async () => {
    const database = new PlantDatabase({ type: 'better-sqlite3', file: makePlaces().plantFile });
    after(() => database.close());
    const connection = (): Promise<DataSource> => database.use('PLANT_READ', async (plant) => plant);
    const used = await connection();
    const later = new DependencyError('PLANT_READ', 'Not yet.');
    await assert.rejects(
      database.use('PLANT_READ', () => Promise.reject(later)),
      later,
    );
    assert.equal(used.isInitialized, true);
    await assert.rejects(
      database.use('PLANT_READ', () => Promise.reject(new Error('disk I/O error'))),
      { code: 'PLANT_READ' },
    );
    assert.equal(used.isInitialized, false);
    assert.equal((await connection()).isInitialized, true);
  });

  it('without a ledger cannot be opened: PLANT_OPEN', async () => {
    const plant = new Plant(SILENT);
    const { ledgerFile, plantFile } = makePlaces();
    const place = { type: 'better-sqlite3', file: plantFile } as const;
    await assert.rejects(plant.start({ inspectorId: 'i1', ledgerFile, place }), { code: 'PLANT_OPEN' });
  });
});
