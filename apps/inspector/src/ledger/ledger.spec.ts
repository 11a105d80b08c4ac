import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { inspectionOf } from '#contracts';
import {
  makeArrival,
  makeOverride,
  makeOverrideCall,
  makePart,
  makeVerdict,
} from '../../../../test/factories/frames.js';
import { readTable } from '../../../../test/factories/inspector.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { assertDurable, type SqliteHandle } from './durability.js';
import { type Ledger, makeLedger } from './ledger.js';
import { LedgerStore } from './ledger-store.js';
import { Ledger1700000000001 } from './migrations/0001-ledger.js';
import { Kinds1700000000002 } from './migrations/0002-kinds.js';
import { Overrides1700000000003 } from './migrations/0003-overrides.js';
import { Overtaken1700000000004 } from './migrations/0004-overtaken.js';
import type { SpokenOf } from './rows.js';

/** Bytes in a page of SQLite's. */
const PAGE = 4_096;

async function startLedger(file = join(tempDir(), 'ledger.sqlite')): Promise<Ledger> {
  const ledger = makeLedger((error) => assert.fail(error));
  await ledger.start(file);
  // Also when the test fails: its thread would keep the whole run alive.
  after(() => ledger.stop());
  return ledger;
}

describe('the ledger', () => {
  it('gives a duplicate the first verdict, by frameId or by sequence number', async () => {
    const ledger = await startLedger();
    assert.deepEqual(await ledger.accept(makeArrival()), { kind: 'new' });
    assert.deepEqual(await ledger.accept(makeArrival()), { kind: 'duplicate', frameId: 'f1', verdict: null });
    await ledger.close({ verdict: makeVerdict(), picture: null });
    const byFrame = await ledger.accept(makeArrival({ seq: null, cameraBootId: null }));
    const bySequence = await ledger.accept(makeArrival({ frameId: 'another-id' }));
    assert.deepEqual(byFrame, { kind: 'duplicate', frameId: 'f1', verdict: makeVerdict() });
    assert.deepEqual(bySequence, byFrame);
    await ledger.stop();
  });

  it('calls it a conflict when another camera, boot or sequence number uses a frameId again', async () => {
    const ledger = await startLedger();
    await ledger.accept(makeArrival());
    for (const over of [{ camera: 'cam2' }, { seq: 2 }, { cameraBootId: 'camera-boot-2' }]) {
      assert.equal((await ledger.accept(makeArrival(over))).kind, 'conflict', JSON.stringify(over));
    }
    await ledger.stop();
  });

  it('calls it a conflict when a frame shows another part under the frameId or the number of one before', async () => {
    const ledger = await startLedger();
    await ledger.accept(makeArrival({ partId: 'SN1' }));
    for (const over of [{}, { frameId: 'f2' }]) {
      assert.equal((await ledger.accept(makeArrival({ ...over, partId: 'SN1' }))).kind, 'duplicate');
      assert.equal((await ledger.accept(makeArrival({ ...over, partId: null }))).kind, 'duplicate');
      assert.equal((await ledger.accept(makeArrival({ ...over, partId: 'SN2' }))).kind, 'conflict');
    }
    await ledger.stop();
  });

  it('keeps the first verdict, says so to a second, and goes on', async () => {
    const ledger = await startLedger();
    await ledger.accept(makeArrival());
    const close = (verdict: 'PASS' | 'FAIL') => ledger.close({ verdict: makeVerdict({ verdict }), picture: null });
    const outcomes = await Promise.all([
      close('FAIL'),
      close('PASS'),
      ledger.accept(makeArrival({ frameId: 'f2', seq: 2 })),
    ]);
    assert.deepEqual(outcomes, ['recorded', 'already', { kind: 'new' }]);
    assert.equal((await ledger.verdictOf('f1'))?.verdict, 'FAIL');
    await ledger.stop();
  });

  it('a call that was wrong fails alone: what shares its commit is kept', async () => {
    const ledger = await startLedger();
    // Refused by the driver, and by SQLite itself.
    const wrong = [
      ledger.overridesOf({ kind: 'frame', id: ['a', 'b'] as unknown as string }),
      ledger.readAfter({ row: 0, limit: 'many' as unknown as number }),
    ];
    const outcomes = await Promise.allSettled([
      ledger.accept(makeArrival()),
      ...wrong,
      ledger.close({ verdict: makeVerdict(), picture: null }),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
    );
    for (const call of wrong) await assert.rejects(call, { name: 'InvariantError' });
    assert.equal((await ledger.verdictOf('f1'))?.verdict, 'FAIL');
    await ledger.stop();
  });

  it('finds after a restart what was accepted and never closed, until the boot is marked', async () => {
    const file = join(tempDir(), 'ledger.sqlite');
    const first = await startLedger(file);
    await first.accept(makeArrival());
    await first.accept(makeArrival({ frameId: 'f2', seq: 2 }));
    await first.close({ verdict: makeVerdict(), picture: 'a'.repeat(64) });
    await first.stop();
    const second = await startLedger(file);
    assert.deepEqual(
      (await second.openFrames()).map(({ frameId }) => frameId),
      ['f2'],
    );
    await second.markBoot('boot-2');
    assert.deepEqual(await second.openFrames(), []);
    assert.equal(await second.pictureOf('f1'), 'a'.repeat(64));
    assert.deepEqual(await second.lastSequences(['cam1', 'cam9']), [
      { camera: 'cam1', cameraBootId: 'camera-boot-1', seq: 2 },
    ]);
    await second.stop();
  });

  it('after a long run looks for open frames behind those it knows to be closed alone, and passes over none', async () => {
    const store = await LedgerStore.open(join(tempDir(), 'ledger.sqlite'));
    after(() => store.stop());
    const run = (from: number, frames: number) =>
      store.transaction(async () => {
        for (let i = from; i < from + frames; i++) {
          await store.accept(makeArrival({ frameId: `f${i}`, seq: i }));
          await store.close({ verdict: makeVerdict({ frameId: `f${i}` }), picture: null });
        }
      });
    const open = async () => (await store.openFrames()).map(({ frameId }) => frameId);
    const settled = () => store.cursor('settled');
    await store.transaction(() => store.markBoot('boot-1'));
    await run(0, 250);
    assert.equal(await settled(), 501);
    await store.transaction(() => store.accept(makeArrival({ frameId: 'open', seq: 9_000 })));
    await store.transaction(() => store.openPart({ ...makePart({ inspection: 'p1', frames: [] }), firstTs: '' }));
    await run(1_000, 600);
    assert.deepEqual([await settled(), await open(), (await store.openParts()).length], [501, ['open'], 1]);
    await store.close({ verdict: makeVerdict({ frameId: 'open' }), picture: null });
    await run(2_000, 250);
    assert.deepEqual([await settled(), (await store.openParts()).length], [502, 1]);
    await store.closePart(makePart({ inspection: 'p1', frames: [] }));
    await run(3_000, 250);
    await run(4_000, 250);
    assert.equal(await settled(), 2_502);
    await assert.rejects(
      store.transaction(async () => {
        for (let i = 5_000; i < 5_600; i++) await store.accept(makeArrival({ frameId: `f${i}`, seq: i }));
        throw new Error('the disk refused');
      }),
    );
    await store.transaction(() => store.accept(makeArrival({ frameId: 'in-their-place', seq: 9_001 })));
    assert.deepEqual(await open(), ['in-their-place']);
  });

  it('is read by cursor, oldest first, and remembers how far a reader got', async () => {
    const ledger = await startLedger();
    for (const frameId of ['a', 'b', 'c']) {
      await ledger.accept(makeArrival({ frameId, seq: null }));
      await ledger.close({ verdict: makeVerdict({ frameId }), picture: null });
    }
    const [first, second] = await ledger.readAfter({ row: 0, limit: 2 });
    assert.deepEqual([first?.record.frameId, second?.record.frameId], ['a', 'b']);
    await ledger.setCursor({ reader: 'record', row: second?.row ?? 0 });
    const rest = await ledger.readAfter({ row: await ledger.cursor('record'), limit: 10 });
    assert.deepEqual(
      rest.map(({ record }) => record.frameId),
      ['c'],
    );
    assert.deepEqual(await ledger.cursors(), { record: second?.row });
    await ledger.setCursor({ reader: 'record', row: null });
    assert.deepEqual(await ledger.cursors(), {});
    await ledger.stop();
  });

  it('is read of one camera alone, up to a row', async () => {
    const ledger = await startLedger();
    for (const [frameId, camera] of [
      ['a', 'cam1'],
      ['b', 'cam2'],
      ['c', 'cam1'],
      ['d', 'cam1'],
    ] as const)
      await ledger.close({ verdict: makeVerdict({ frameId, camera }), picture: null });
    const read = async (row: number, upTo: number, limit: number) =>
      (await ledger.readOfCamera({ camera: 'cam1', row, upTo, limit })).map(({ record }) => record.frameId);
    assert.deepEqual([await read(0, 3, 9), await read(1, 4, 9), await read(0, 4, 1)], [['a', 'c'], ['c', 'd'], ['a']]);
    await ledger.stop();
  });

  it("keeps a person's word beside the machine's, once however often it is said, and a later one after it", async () => {
    const ledger = await startLedger();
    await ledger.accept(makeArrival());
    assert.deepEqual(await ledger.override(makeOverrideCall()), { kind: 'unknown' }, 'still open');
    await ledger.close({ verdict: makeVerdict(), picture: null });
    const first = await ledger.override(makeOverrideCall());
    assert.deepEqual(first, { kind: 'new', override: makeOverride() });
    const again = await ledger.override(makeOverrideCall({ overrideId: 'again' }));
    assert.deepEqual(again, { ...first, kind: 'known' });
    const words = { disposition: 'scrap' as const, trueLabel: 'crack', remark: 'deep', by: 'Grace Hopper' };
    await ledger.override(makeOverrideCall({ overrideId: '02', words }));
    const said = await ledger.overridesOf({ kind: 'frame', id: 'f1' });
    assert.deepEqual(
      said.map(({ by, disposition, machine }) => `${by} ${disposition} ${machine.verdict}`),
      ['Ada Lovelace rework FAIL', 'Grace Hopper scrap FAIL'],
    );
    assert.deepEqual(await ledger.verdictOf('f1'), makeVerdict());
    const records = await ledger.readAfter({ row: 0, limit: 10 });
    assert.deepEqual(
      records.map(({ record }) => record.schema),
      ['vision.verdict/1', 'vision.override/1', 'vision.override/1'],
    );
    await ledger.stop();
  });

  it('says of an overtaken frame or part what the gate heard: to a duplicate, and beside the word of a person', async () => {
    const ledger = await startLedger();
    const late = { verdict: 'INCONCLUSIVE', reason: 'LATE', defectClass: null, late: true } as const;
    await ledger.accept(makeArrival());
    await ledger.close({ verdict: makeVerdict(), picture: null });
    await ledger.overtake(makeVerdict(late));
    const part = makePart({ inspection: 'i1', frames: ['f1'] });
    await ledger.closePart(part);
    await ledger.overtake({ ...part, ...late });
    const again = await ledger.accept(makeArrival());
    assert.deepEqual(again, { kind: 'duplicate', frameId: 'f1', verdict: makeVerdict(late) });
    for (const of of [
      { kind: 'frame', id: 'f1' },
      { kind: 'part', id: 'i1' },
    ] as const) {
      const outcome = await ledger.override(makeOverrideCall({ of }));
      assert.ok(outcome.kind === 'new');
      assert.deepEqual([outcome.override.machine.verdict, outcome.override.machine.reason], ['INCONCLUSIVE', 'LATE']);
    }
    await ledger.stop();
  });

  it("keeps a person's word on a whole part, and shows it with each of its frames", async () => {
    const ledger = await startLedger();
    for (const [frameId, camera] of [
      ['top', 'cam1'],
      ['side', 'cam2'],
      ['other', 'cam1'],
    ] as const) {
      await ledger.accept(makeArrival({ frameId, camera, seq: null }));
      await ledger.close({ verdict: makeVerdict({ frameId, camera }), picture: null });
    }
    await ledger.closePart(makePart({ inspection: 'i1', frames: ['top', 'side'] }));
    const call = makeOverrideCall({ of: { kind: 'part', id: 'i1' } });
    const outcome = await ledger.override(call);
    assert.ok(outcome.kind === 'new');
    const { inspection, frameId, frameIds, camera, machine } = outcome.override;
    assert.deepEqual([inspection, frameId, frameIds, camera], ['i1', null, ['top', 'side'], 'cam1']);
    assert.equal(machine.verdict, 'FAIL');
    const countsOf = (kind: SpokenOf['kind'], ...ids: string[]): Promise<number[]> =>
      Promise.all(ids.map(async (id) => (await ledger.overridesOf({ kind, id })).length));
    assert.deepEqual(await countsOf('frame', 'top', 'side', 'other'), [1, 1, 0]);
    await ledger.override(makeOverrideCall({ of: { kind: 'frame', id: 'side' }, overrideId: '02' }));
    assert.deepEqual(await countsOf('part', 'i1', 'i9'), [2, 0], 'with a word on one of its frames');
    const views = await ledger.viewsOf('i1');
    assert.deepEqual([views?.map(({ frameId }) => frameId), await ledger.viewsOf('i9')], [['top', 'side'], null]);
    assert.deepEqual(await ledger.override({ ...call, of: { kind: 'part', id: 'i9' } }), { kind: 'unknown' });
    await ledger.stop();
  });

  it('finds after a restart which frames each open part had, also of a part that was fed twice', async () => {
    const ledger = await startLedger();
    const begin = async (frameId: string, partId: string, camera: string): Promise<void> => {
      await ledger.accept(makeArrival({ frameId, partId, camera, seq: null }));
    };
    const open = (frameId: string, partId: string): Promise<void> => {
      const { lot, receivedTs: firstTs, validUntil, deadlineMs } = makeArrival();
      return ledger.openPart({ inspection: inspectionOf(frameId), partId, lot, firstTs, validUntil, deadlineMs });
    };
    const close = (frameId: string, partId: string) =>
      ledger.close({ verdict: makeVerdict({ frameId, partId }), picture: null });
    await begin('over', 'SN1', 'cam1');
    await open('over', 'SN1');
    await close('over', 'SN1');
    await ledger.closePart(makePart({ inspection: 'part-over', frames: ['over'] }));
    await begin('a1', 'SN1', 'cam1');
    await begin('b1', 'SN2', 'cam1');
    // In one commit with the first: before the part is written.
    await begin('a2', 'SN1', 'cam2');
    await open('a1', 'SN1');
    await open('b1', 'SN2');
    for (const frameId of ['a1', 'a2']) await close(frameId, 'SN1');
    await begin('c1', 'SN1', 'cam2');
    await open('c1', 'SN1');
    await close('c1', 'SN1');
    const found = (await ledger.openParts()).map(({ arrival, frames }) => [
      arrival.inspection,
      ...frames.map(({ frameId }) => frameId),
    ]);
    assert.deepEqual(found, [['part-a1', 'a1', 'a2'], ['part-b1'], ['part-c1', 'c1']]);
  });

  it('knows the last parts that have their verdict, with the views that came, oldest first', async () => {
    const ledger = await startLedger();
    assert.deepEqual(await ledger.lastParts(2), []);
    for (const inspection of ['i1', 'i2', 'i3']) {
      const part = makePart({ inspection, frames: ['f1', 'f2'] });
      const views = part.views.map((view) => (inspection === 'i3' ? { ...view, frameId: null } : view));
      await ledger.closePart({ ...part, partId: `of ${inspection}`, views: [...views, ...part.views.slice(1)] });
    }
    const { validUntil } = makePart({ inspection: 'i1', frames: [] });
    assert.deepEqual(await ledger.lastParts(2), [
      { partId: 'of i2', validUntil, views: ['view1', 'view2', 'view2'] },
      { partId: 'of i3', validUntil, views: ['view2'] },
    ]);
  });

  it("takes no person's word on a part of which no camera is known: its record would have no topic", async () => {
    const ledger = await startLedger();
    await ledger.closePart(makePart({ inspection: 'i1', frames: [] }));
    assert.deepEqual(await ledger.override(makeOverrideCall({ of: { kind: 'part', id: 'i1' } })), { kind: 'unknown' });
  });

  it('lists what people said in the order in which they said it, also where the clock was set back between', async () => {
    const ledger = await startLedger();
    await ledger.close({ verdict: makeVerdict(), picture: null });
    await ledger.closePart(makePart({ inspection: 'i1', frames: ['f1'] }));
    const say = async (kind: SpokenOf['kind'], overrideId: string): Promise<void> => {
      await ledger.override(makeOverrideCall({ of: { kind, id: kind === 'part' ? 'i1' : 'f1' }, overrideId }));
    };
    await say('part', '09');
    await say('frame', '05');
    for (const of of [
      { kind: 'frame', id: 'f1' },
      { kind: 'part', id: 'i1' },
    ] as const) {
      const said = await ledger.overridesOf(of);
      assert.deepEqual(
        said.map(({ overrideId }) => overrideId),
        ['09', '05'],
        of.kind,
      );
    }
  });

  for (const [version, former] of [
    ['frames alone', [Ledger1700000000001]],
    ['no overrides', [Ledger1700000000001, Kinds1700000000002]],
    ['no overtaken verdicts', [Ledger1700000000001, Kinds1700000000002, Overrides1700000000003]],
    [
      'no pictures kept later',
      [Ledger1700000000001, Kinds1700000000002, Overrides1700000000003, Overtaken1700000000004],
    ],
  ] as const) {
    it(`of a version that knew ${version} is brought up in its place, with every row as it was`, async () => {
      const file = join(tempDir(), 'ledger.sqlite');
      const old = new DataSource({
        type: 'better-sqlite3',
        database: file,
        migrations: [...former],
        migrationsRun: true,
      });
      await old.initialize();
      const bodies = [makeArrival(), makeVerdict()].map((body) => JSON.stringify(body));
      const insert = 'INSERT INTO "ledger" ("kind", "frameId", "camera", "body") VALUES (?, ?, ?, ?)';
      for (const [i, kind] of ['accepted', 'closed'].entries())
        await old.query(insert, [kind, 'f1', 'cam1', bodies[i]]);
      await old.destroy();
      // A copy would stand on other pages, and need their room on the disk.
      const whatStays = async () => [
        await readTable(file, `SELECT * FROM "ledger" WHERE "kind" IN ('accepted', 'closed')`),
        await readTable(file, `SELECT "rootpage" FROM "sqlite_schema" WHERE "name" = 'ledger'`),
      ];
      const before = await whatStays();
      const ledger = await startLedger(file);
      assert.equal((await ledger.override(makeOverrideCall())).kind, 'new');
      await ledger.overtake(makeVerdict({ verdict: 'INCONCLUSIVE', reason: 'LATE' }));
      await ledger.keepPicture({ verdict: makeVerdict(), picture: 'a'.repeat(64) });
      assert.equal(await ledger.pictureOf('f1'), 'a'.repeat(64));
      await ledger.stop();
      assert.deepEqual(await whatStays(), before);
      assert.deepEqual(await readTable(file, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
      const opened = new Database(file);
      after(() => opened.close());
      const wrong = `INSERT INTO "ledger" ("kind", "frameId", "body") VALUES ('other', 'f9', '{}')`;
      assert.throws(() => opened.exec(wrong), /CHECK constraint failed/);
    });
  }

  it('whose table is none of ours is left as it is: LEDGER_OPEN', async () => {
    const file = join(tempDir(), 'ledger.sqlite');
    const sql = 'CREATE TABLE "ledger" ("frameId" varchar)';
    const migrations = [Ledger1700000000001];
    const other = new DataSource({ type: 'better-sqlite3', database: file, migrations, migrationsRun: true });
    await other.initialize();
    for (const statement of ['DROP TABLE "ledger"', sql]) await other.query(statement);
    await other.destroy();
    await assert.rejects(startLedger(file), { code: 'LEDGER_OPEN', message: /none that Lineside made/ });
    assert.deepEqual(await readTable(file, `SELECT "sql" FROM "sqlite_schema" WHERE "name" = 'ledger'`), [{ sql }]);
  });

  it('cannot be rewritten, by its own rules', async () => {
    const store = await LedgerStore.open(join(tempDir(), 'ledger.sqlite'));
    await store.accept(makeArrival());
    for (const sql of [`UPDATE "ledger" SET "body" = '{}'`, 'DELETE FROM "ledger"']) {
      await assert.rejects(
        store.transaction(() => store['runner'].query(sql)),
        { code: 'LEDGER_WRITE', message: /append-only/ },
      );
    }
    await store.stop();
  });

  it('promise 3: is not opened where a power cut would take commits back', async () => {
    const file = join(tempDir(), 'ledger.sqlite');
    for (const [journal, synchronous, found] of [
      ['WAL', 'NORMAL', 'wal with 1'],
      ['DELETE', 'FULL', 'delete with 2'],
    ] as const) {
      const prepareDatabase = (handle: SqliteHandle): void => {
        handle.pragma(`journal_mode = ${journal}`);
        handle.pragma(`synchronous = ${synchronous}`);
      };
      const database = `${file}-${found}`;
      const source = await new DataSource({ type: 'better-sqlite3', database, prepareDatabase }).initialize();
      after(() => source.destroy());
      await assert.rejects(assertDurable(source.createQueryRunner(), database), {
        code: 'LEDGER_OPEN',
        message: new RegExp(`got ${found}`),
      });
    }
  });

  it('says LEDGER_OPEN when its folder is not there for it', async () => {
    const file = join(tempDir(), 'a-file');
    writeFileSync(file, '');
    await assert.rejects(startLedger(join(file, 'ledger.sqlite')), { code: 'LEDGER_OPEN' });
  });

  it('that has lost its content is refused with what to do, and nothing beside it is touched', async () => {
    const file = join(tempDir(), 'ledger.sqlite');
    writeFileSync(file, '');
    writeFileSync(`${file}-wal`, 'commits');
    await assert.rejects(startLedger(file), {
      code: 'LEDGER_OPEN',
      message: /is empty, .*Put a copy back .*or remove/,
    });
    assert.equal(readFileSync(`${file}-wal`, 'utf8'), 'commits');
  });

  it('of a newer version is refused with what to do, and stays as it is', async () => {
    const file = join(tempDir(), 'ledger.sqlite');
    const store = await LedgerStore.open(file);
    await store.accept(makeArrival());
    await store['runner'].query(
      `INSERT INTO "migrations" ("timestamp", "name") VALUES (1900000000000, 'Later1900000000000')`,
    );
    await store.stop();
    const before = readFileSync(file);
    await assert.rejects(startLedger(file), {
      code: 'LEDGER_OPEN',
      message: /newer version of Lineside: .*Later1900000000000\. Start the newer version again, or put back the copy/,
    });
    assert.deepEqual(readFileSync(file), before);
  });

  it('that is damaged says that a copy is to be put back, at the start and when it is met later', async () => {
    const file = join(tempDir(), 'ledger.sqlite');
    const store = await LedgerStore.open(file);
    for (let i = 0; i < 50; i++) await store.accept(makeArrival({ frameId: `f${i}`, seq: i }));
    await store.stop();
    const ask = async () => {
      const damaged = await startLedger(file);
      await damaged.openFrames().finally(() => damaged.stop());
    };
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.alloc(statSync(file).size - 24 * PAGE), 0, null, 24 * PAGE);
    await assert.rejects(ask(), { code: 'LEDGER_WRITE', message: /malformed.*put a copy back/ });
    writeSync(handle, 'no database', 0);
    closeSync(handle);
    await assert.rejects(ask(), { code: 'LEDGER_OPEN', message: /not a database.*put a copy back/ });
  });

  it('fails every call once stopped', async () => {
    const ledger = await startLedger();
    await ledger.stop();
    await assert.rejects(ledger.accept(makeArrival()), { code: 'LEDGER_WRITE' });
  });
});
