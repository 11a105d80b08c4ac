import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { loadInspectorConfig, plantAddress } from '#config';
import type { PartQuery } from '#contracts';
import { findPlant } from '../../apps/cli/src/doctor/plant.js';
import { LedgerStore } from '../../apps/inspector/src/ledger/ledger-store.js';
import { Plant } from '../../apps/inspector/src/ledger/plant.js';
import { PLANT_MIGRATIONS } from '../../apps/inspector/src/ledger/plant-database.js';
import { PlantStore } from '../../apps/inspector/src/ledger/plant-store.js';
import { makeArrival, makePart, makeVerdict } from '../factories/frames.js';
import { type RunningPostgres, startPostgres } from '../factories/postgres.js';
import { mountSmallDisk, whyNoSmallDisk } from '../factories/small-disk.js';
import { startTcpServer } from '../factories/tcp-server.js';
import { requireTool, tempDir } from '../factories/tools.js';
import { until } from '../factories/until.js';

const postgres = requireTool('postgres');
const noDisk = whyNoSmallDisk();

async function inspect(ledger: LedgerStore, frameId: string): Promise<void> {
  await ledger.accept(makeArrival({ frameId, seq: null }));
  await ledger.close({ verdict: makeVerdict({ frameId, partId: `part-${frameId}` }), picture: null });
}

async function openLedger(): Promise<{ ledger: LedgerStore; ledgerFile: string }> {
  const ledgerFile = join(tempDir(), 'ledger.sqlite');
  const ledger = await LedgerStore.open(ledgerFile);
  after(() => ledger.stop());
  return { ledger, ledgerFile };
}

/** The plant database of an inspector; it stops with the running test. */
async function openPlant(ledgerFile: string, url: string): Promise<PlantStore> {
  const plant = await PlantStore.open({ inspectorId: 'i1', ledgerFile, place: { type: 'postgres', url } });
  after(() => plant.stop());
  return plant;
}

/** The same, and the inspector's ledger with one frame in it, `a`. */
async function openInspected(url: string): Promise<{ ledger: LedgerStore; plant: PlantStore }> {
  const { ledger, ledgerFile } = await openLedger();
  await inspect(ledger, 'a');
  return { ledger, plant: await openPlant(ledgerFile, url) };
}

/** Takes connections and never says a word. */
async function startSilentHost(): Promise<string> {
  const { port } = await startTcpServer(() => undefined);
  return `postgres://lineside@127.0.0.1:${port}/plant`;
}

const framesIn = async (server: RunningPostgres): Promise<string[]> =>
  (await server.rows<{ frameId: string }>('SELECT "frameId" FROM inspected_frame ORDER BY "ledgerRow"')).map(
    ({ frameId }) => frameId,
  );

describe('a PostgreSQL that asks for a password', { skip: postgres.skip, timeout: 300_000 }, () => {
  it('gets the one from the environment, whatever is in it: from the inspector and from the doctor, who sees a newer version in it', async () => {
    const password = 'p@ss w%41/ö?&+=#';
    const server = await startPostgres(postgres, password);
    const { plant } = await openInspected(plantAddress(server.url, password));
    assert.deepEqual(await plant.forward(), { behind: 0, anewFrom: null });
    assert.deepEqual(await framesIn(server), ['a']);
    const config = { ...loadInspectorConfig(), plant: { type: 'postgres', url: server.url } as const };
    const ask = async (plantPassword: string) => (await findPlant(config, { brokerPassword: null, plantPassword }))[0];
    assert.equal((await ask(password))?.state, 'ok');
    await server.rows(`INSERT INTO migrations ("timestamp", name) VALUES (1700000000900, 'Shifts1700000000900')`);
    assert.match(
      (await ask(password))?.found ?? '',
      /newer version of Lineside .*Shifts1700000000900\. Start the newer/,
    );
    assert.match((await ask('another'))?.found ?? '', /password authentication failed/);
  });
});

describe('parts of several views in PostgreSQL', { skip: postgres.skip, timeout: 300_000 }, () => {
  it('of a version that knew less of them are brought up, brought over once, and found page by page', async () => {
    const server = await startPostgres(postgres);
    const migrations = PLANT_MIGRATIONS.slice(0, -1);
    const old = await new DataSource({ type: 'postgres', url: server.url, migrations }).initialize();
    await old.runMigrations();
    const part = (n: number) => ({ ...makePart({ inspection: `p${n}`, frames: [`f${n}`] }), lot: `L${n % 2}` });
    const nul = { ...part(0), simulated: true, partId: 'SN\0' };
    await server.rows(
      `INSERT INTO inspected_part ("inspectorId", inspection, "ledgerRow", "partId", verdict, reason, "decidedTs", "isHistorical", body)
        VALUES ('i1', 'p0', 0, 'SN', 'FAIL', 'MODEL', '${nul.ts.decided}', false, '${JSON.stringify(nul)}')`,
    );
    await old.destroy();
    const { ledger, ledgerFile } = await openLedger();
    for (const n of [1, 2, 3]) await ledger.closePart({ ...part(n), late: n === 3 });
    const plant = await openPlant(ledgerFile, server.url);
    await plant.forward();
    await server.rows('DELETE FROM ledger_cursor');
    await plant.forward();
    assert.deepEqual(
      await server.rows(`SELECT inspection, "isLate", "isSimulated" FROM inspected_part ORDER BY inspection`),
      [
        { inspection: 'p0', isLate: false, isSimulated: true },
        ...['p1', 'p2'].map((inspection) => ({ inspection, isLate: false, isSimulated: false })),
        { inspection: 'p3', isLate: true, isSimulated: false },
      ],
    );
    const ids = async (query: Partial<PartQuery>): Promise<string[]> =>
      (await plant.searchParts({ limit: 9, ...query })).parts.map(({ inspection }) => inspection);
    assert.deepEqual(await ids({ verdict: 'REJECT' }), ['p3', 'p2', 'p1', 'p0'], 'of one moment by their inspection');
    assert.deepEqual(await ids({ lot: 'L1' }), ['p3', 'p1']);
    assert.deepEqual(await ids({ before: nul.ts.decided, beforeInspection: 'p2' }), ['p1', 'p0']);
  });
});

describe('what the gate heard where a window ended meanwhile', { skip: postgres.skip, timeout: 300_000 }, () => {
  it('is counted in PostgreSQL instead of what was recorded, of frames and of parts, once', async () => {
    const server = await startPostgres(postgres);
    const { ledger, plant } = await openInspected(server.url);
    const late = { verdict: 'INCONCLUSIVE', reason: 'LATE', late: true } as const;
    const part = makePart({ inspection: 'p', frames: ['a'] });
    await ledger.closePart(part);
    await plant.forward();
    await inspect(ledger, 'b');
    for (const frameId of ['a', 'b'])
      await ledger.overtake(makeVerdict({ frameId, partId: `part-${frameId}`, ...late }));
    await ledger.overtake({ ...part, ...late });
    assert.deepEqual(await plant.forward(), { behind: 0, anewFrom: null });
    for (const [table, id, ids] of [
      ['inspected_frame', 'frameId', ['a', 'b']],
      ['inspected_part', 'inspection', ['p']],
    ] as const) {
      const rows = await server.rows(`SELECT "${id}" AS id, verdict, "isLate" FROM ${table} ORDER BY "${id}"`);
      assert.deepEqual(
        rows,
        ids.map((name) => ({ id: name, verdict: 'INCONCLUSIVE', isLate: true })),
      );
    }
  });
});

describe('a PostgreSQL of several inspectors', { skip: postgres.skip, timeout: 300_000 }, () => {
  it('is made by one of those that open it at once, the others wait; each finds its own records in it', async () => {
    const server = await startPostgres(postgres);
    const place = { type: 'postgres', url: server.url } as const;
    const plants = await Promise.all(
      ['i1', 'i2', 'i3'].map(async (inspectorId) => {
        const { ledger, ledgerFile } = await openLedger();
        for (const frameId of ['a', 'b']) await inspect(ledger, frameId);
        return PlantStore.open({ inspectorId, ledgerFile, place });
      }),
    );
    after(() => Promise.all(plants.map((plant) => plant.stop())));
    const brought = await Promise.all(plants.map((plant) => plant.forward()));
    assert.deepEqual(brought, Array(3).fill({ behind: 0, anewFrom: null }));
    for (const plant of plants) {
      const { verdicts } = await plant.search({ limit: 9 });
      assert.deepEqual(verdicts.map(({ frameId }) => frameId).toSorted(), ['a', 'b']);
    }
    assert.equal((await framesIn(server)).length, 6);
  });

  it('gets nothing more from one of an older version once a newer has brought it up, not even rows that waited for that', async () => {
    const server = await startPostgres(postgres);
    const { ledger, plant } = await openInspected(server.url);
    await plant.forward();
    await inspect(ledger, 'b');
    const newer = new Client(server.url);
    await newer.connect();
    await newer.query('BEGIN');
    await newer.query(`ALTER TABLE inspected_frame ADD COLUMN "shift" varchar NOT NULL DEFAULT 'none'`);
    await newer.query(`INSERT INTO "migrations" ("timestamp", "name") VALUES (1700000000900, 'Shifts1700000000900')`);
    const refused = {
      code: 'PLANT_WRITE',
      message: /newer version of Lineside.* Shifts1700000000900.*wait in the ledger/,
    };
    const forward = assert.rejects(plant.forward(), refused);
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'`;
    await until(async () => (await server.rows(waiting)).length > 0, 'the older one to wait for the newer');
    await newer.query('COMMIT');
    await newer.end();
    await forward;
    await assert.rejects(plant.forward(), refused);
    assert.deepEqual(await framesIn(server), ['a']);
  });
});

describe('a PostgreSQL that somebody took away', { skip: postgres.skip, timeout: 300_000 }, () => {
  /** A database of its own: the one that is looked through stays. */
  async function openOwn(): Promise<
    Awaited<ReturnType<typeof openInspected>> & {
      server: RunningPostgres;
      ask: <Row extends object>(sql: string) => Promise<Row[]>;
    }
  > {
    const server = await startPostgres(postgres);
    for (const sql of ['CREATE ROLE box LOGIN', 'CREATE DATABASE own OWNER box']) await server.rows(sql);
    const own = server.url.replace(/postgres$/, 'own');
    const ask = async <Row extends object>(sql: string): Promise<Row[]> => {
      const client = new Client(own);
      await client.connect();
      return (await client.query<Row>(sql).finally(() => client.end())).rows;
    };
    return { server, ask, ...(await openInspected(own.replace('lineside@', 'box@'))) };
  }
  const all = `SELECT "frameId" FROM inspected_frame ORDER BY "ledgerRow"`;
  const both = [{ frameId: 'a' }, { frameId: 'b' }];

  it('whole: PLANT_WRITE says what to do, and an empty one in its place is filled from the ledger', async () => {
    const { server, ask, ledger, plant } = await openOwn();
    await plant.forward();
    await server.rows('DROP DATABASE own WITH (FORCE)');
    await inspect(ledger, 'b');
    const refused = { code: 'PLANT_WRITE', message: /"own" does not exist\. Create it: .*wait in the ledger/ };
    // The first may still hear of its connection's end.
    await assert.rejects(plant.forward(), { code: 'PLANT_WRITE' });
    await assert.rejects(plant.forward(), refused);
    await server.rows('CREATE DATABASE own OWNER box');
    assert.deepEqual(await plant.forward(), { behind: 0, anewFrom: null });
    assert.deepEqual(await ask(all), both);
  });

  for (const table of ['inspected_frame', 'ledger_cursor', 'migrations']) {
    it(`in part, ${table} alone: PLANT_WRITE says what to do, and without the rest it is made anew`, async (t) => {
      const { mock } = t.mock.method(console, 'log', () => undefined);
      const { ask, ledger, plant } = await openOwn();
      await plant.forward();
      await ask(`DROP TABLE ${table}`);
      await inspect(ledger, 'b');
      const refused = { code: 'PLANT_WRITE', message: /take away what is left of its tables: .*wait in the ledger/ };
      for (let attempt = 0; attempt < 2; attempt++) await assert.rejects(plant.forward(), refused);
      assert.equal(mock.callCount(), 0, 'stdout is for the log alone');
      await ask('DROP SCHEMA public CASCADE');
      await ask('CREATE SCHEMA public AUTHORIZATION box');
      assert.deepEqual(await plant.forward(), { behind: 0, anewFrom: null });
      assert.deepEqual(await ask(all), both);
    });
  }

  it('from its user, or that lets it in no more: PLANT_WRITE says what to do, and nothing is lost or doubled after it', async () => {
    const { server, ask, ledger, plant } = await openOwn();
    await plant.forward();
    await ask('REVOKE INSERT ON inspected_frame FROM box');
    await inspect(ledger, 'b');
    await assert.rejects(plant.forward(), { code: 'PLANT_WRITE', message: /denied for table .*rights .* back\./ });
    await ask('GRANT INSERT ON inspected_frame TO box');
    await server.rows('ALTER ROLE box CONNECTION LIMIT 0');
    await assert.rejects(plant.forward(), { code: 'PLANT_WRITE', message: /too many connections.*max_connections/ });
    await server.rows('ALTER ROLE box CONNECTION LIMIT -1');
    assert.deepEqual(await plant.forward(), { behind: 0, anewFrom: null });
    assert.deepEqual(await ask(all), both);
  });
});

describe('a PostgreSQL that cannot be written', { skip: postgres.skip, timeout: 300_000 }, () => {
  it('read-only, as a standby is: PLANT_WRITE says so, searches go on, and nothing is lost or doubled when it can', async () => {
    const server = await startPostgres(postgres);
    const { ledger, plant } = await openInspected(server.url);
    await plant.forward();
    const set = async (words: string): Promise<void> => {
      await server.rows(`ALTER SYSTEM ${words}`);
      await server.rows('SELECT pg_reload_conf()');
      const wanted = words.startsWith('SET') ? 'on' : 'off';
      const shown = () => server.rows<Record<string, string>>('SHOW default_transaction_read_only');
      await until(async () => Object.values((await shown())[0] ?? {})[0] === wanted, `read-only ${wanted}`);
    };
    await set('SET default_transaction_read_only = on');
    await inspect(ledger, 'b');
    const refused = { code: 'PLANT_WRITE', message: /read-only transaction.*wait in the ledger/ };
    for (let attempt = 0; attempt < 2; attempt++) await assert.rejects(plant.forward(), refused);
    assert.equal((await plant.search({ limit: 9 })).verdicts.length, 1);
    await set('RESET default_transaction_read_only');
    assert.deepEqual(await plant.forward(), { behind: 0, anewFrom: null });
    assert.deepEqual(await framesIn(server), ['a', 'b']);
  });

  it('with a full disk: PLANT_WRITE says so, searches go on, and nothing is lost or doubled when there is room', {
    skip: noDisk,
  }, async () => {
    const server = await startPostgres(postgres);
    const disk = mountSmallDisk(12);
    const space = join(disk.dir, 'space');
    mkdirSync(space);
    server.own(disk.dir, space);
    await server.rows(`CREATE TABLESPACE small LOCATION '${space}'`);
    await server.rows('ALTER DATABASE postgres SET default_tablespace = small');
    const { ledger, plant } = await openInspected(server.url);
    await plant.forward();
    disk.fill();
    // More than fits into the pages that are there.
    const names = Array.from({ length: 400 }, (_, i) => `b${i}`);
    await ledger.transaction(async () => {
      for (const name of names) await inspect(ledger, name);
    });
    await assert.rejects(plant.forward(), { code: 'PLANT_WRITE', message: /No space left.*wait in the ledger/ });
    assert.equal((await plant.search({ limit: 9 })).verdicts.length, 1);
    disk.free();
    assert.deepEqual(await plant.forward(), { behind: 0, anewFrom: null });
    assert.deepEqual(await framesIn(server), ['a', ...names]);
  });
});

// What these wait for are the limits of the inspector's patience: side by side.
describe('a plant database that falls silent', { concurrency: true, timeout: 300_000 }, () => {
  it('is PLANT_WRITE after a while, also for who waits behind it; when it speaks again nothing is lost', {
    skip: postgres.skip,
  }, async () => {
    const server = await startPostgres(postgres);
    const { ledger, plant } = await openInspected(server.url);
    await plant.forward();
    server.freeze();
    await inspect(ledger, 'b');
    await assert.rejects(plant.forward(), { code: 'PLANT_WRITE', message: /Verdicts go on/ });
    await assert.rejects(plant.newestOf('part-a'), { code: 'PLANT_READ' });
    server.thaw();
    assert.deepEqual(await plant.forward(), { behind: 0, anewFrom: null });
    assert.deepEqual(await plant.newestOf('part-b'), { kind: 'frame', id: 'b' });
    assert.deepEqual(await framesIn(server), ['a', 'b']);
  });

  it('is given longer while its tables are brought up to date: over the records of a year that takes minutes', {
    skip: postgres.skip,
  }, async () => {
    const server = await startPostgres(postgres);
    await server.rows('CREATE SEQUENCE slow');
    await server.rows(`CREATE FUNCTION be_slow() RETURNS event_trigger LANGUAGE plpgsql AS
      $$ BEGIN IF nextval('slow') = 1 THEN PERFORM pg_sleep(12); END IF; END $$`);
    await server.rows(
      `CREATE EVENT TRIGGER slow ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION be_slow()`,
    );
    const { plant } = await openInspected(server.url);
    assert.deepEqual(await plant.forward(), { behind: 0, anewFrom: null });
    assert.deepEqual(await framesIn(server), ['a']);
    const { verdicts } = await plant.search({ limit: 5, verdict: 'REJECT' });
    assert.deepEqual(
      verdicts.map(({ frameId }) => frameId),
      ['a'],
    );
  });

  it('from the first connection on is told, searches end, and the inspector can stop', async () => {
    const { ledgerFile } = await openLedger();
    const codes: (string | null)[] = [];
    let tell = (): void => undefined;
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const plant = new Plant({
      onState: (error) => {
        codes.push(error?.code ?? null);
        tell();
      },
      onAnew: () => assert.fail('there is no other ledger'),
      onDeath: (error) => assert.fail(error),
    });
    const place = { type: 'postgres', url: await startSilentHost() } as const;
    await plant.start({ inspectorId: 'i1', ledgerFile, place });
    const search = assert.rejects(plant.search({ limit: 1 }), { code: 'PLANT_READ' });
    await told;
    assert.deepEqual(codes, ['PLANT_WRITE']);
    await search;
    await plant.stop();
  });

  it('does not hold up the end: what is not over waits in the ledger, which is said', async () => {
    const { ledgerFile } = await openLedger();
    const told: (string | undefined)[] = [];
    const plant = new Plant({
      onState: (error) => told.push(error?.message),
      onAnew: () => assert.fail('there is no other ledger'),
      onDeath: (error) => assert.fail(error),
    });
    const place = { type: 'postgres', url: await startSilentHost() } as const;
    await plant.start({ inspectorId: 'i1', ledgerFile, place });
    // Three that would take 5 s each.
    const searches = [1, 2, 3].map((limit) => assert.rejects(plant.search({ limit }), { name: 'DependencyError' }));
    await plant.stop();
    await Promise.all(searches);
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /not take everything within 5 s at the end/);
  });
});
