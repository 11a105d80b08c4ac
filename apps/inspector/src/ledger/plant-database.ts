import { DataSource, type DataSourceOptions, type EntityManager, type Migration } from 'typeorm';
import { DependencyError, messageOf } from '#contracts';
import { compareMigrations } from './compare-migrations.js';
import { keepFewPages, toLook } from './durability.js';
import { Plant1700000000001 } from './migrations/0001-plant.js';
import { Parts1700000000002 } from './migrations/0002-parts.js';
import { PlantOverrides1700000000003 } from './migrations/0003-plant-overrides.js';
import { PlantCursor1700000000004 } from './migrations/0004-plant-cursor.js';
import { PlantSearches1700000000005 } from './migrations/0005-plant-searches.js';
import { PlantParts1700000000006 } from './migrations/0006-plant-parts.js';
import { PLANT_ENTITIES } from './plant.entity.js';
import { Speechless } from './speechless.js';

/** In their order; those that were released never change. */
export const PLANT_MIGRATIONS = [
  Plant1700000000001,
  Parts1700000000002,
  PlantOverrides1700000000003,
  PlantCursor1700000000004,
  PlantSearches1700000000005,
  PlantParts1700000000006,
];

/** Numbers of ours, first and last: in a PostgreSQL other programs may keep theirs in the same table. */
const OURS = [1_700_000_000_001, 1_700_000_000_999] as const;

/** Where the plant database is: a SQLite file of this box or the plant's PostgreSQL. */
export type PlantPlace =
  | { readonly type: 'better-sqlite3'; readonly file: string }
  /** With its password. */
  | { readonly type: 'postgres'; readonly url: string };

/** Every number of rows makes a statement of its own; a hundred prepared ones, TypeORM's default, hold some 80 MB. */
const MOST_STATEMENTS = 10;
/** A PostgreSQL that takes connections and says nothing, or holds a lock, is away after this long, ms. */
const CONNECT_MS = 5_000;
const ANSWER_MS = 10_000;
/** Over the records of a year a new index takes minutes; a statement of the migrations may take this long, ms. */
const MIGRATE_MS = 3_600_000;

/** Of PostgreSQL's advisory locks, shared by all who use the database: "lineside" in ASCII, read as a number. */
const MIGRATION_LOCK = 0x6c696e6573;

/** The plant database: there, away, or back again. Connects when it is first used. */
export class PlantDatabase {
  private readonly plant: DataSource;

  constructor(private readonly place: PlantPlace) {
    this.plant = new DataSource(sourceOf(place, ANSWER_MS));
  }

  /**
   * What fails begins with a fresh connection next time. A SQLite that refuses may have ended its transaction by itself,
   * while TypeORM counts on: its next one would be a savepoint that is never committed. A PostgreSQL that does not answer
   * would not answer to a ROLLBACK either, and whatever came next on that connection would wait behind it. A refusal of
   * `work` itself, a DependencyError, leaves the connection as it is.
   * @throws DependencyError with this code, or as `work` threw it
   */
  async use<T>(code: 'PLANT_WRITE' | 'PLANT_READ', work: (plant: DataSource) => Promise<T>): Promise<T> {
    try {
      if (!this.plant.isInitialized) await this.connect();
      return await work(this.plant);
    } catch (cause) {
      if (cause instanceof DependencyError) throw cause;
      await this.close().catch(() => undefined);
      throw unusable(code, cause);
    }
  }

  async close(): Promise<void> {
    if (this.plant.isInitialized) await this.plant.destroy();
  }

  private async connect(): Promise<void> {
    const { plant, place } = this;
    await plant.initialize();
    const { newer, isOlder } = await compareMigrations(plant);
    refuseNewer(newer);
    if (isOlder) await migrate(place);
  }
}

/**
 * Look whether this program would use it, and leave it as it is.
 * @throws Error where a newer version brought it up, or as TypeORM has it where it cannot be opened
 */
export async function lookIntoPlant(place: PlantPlace): Promise<void> {
  const options = sourceOf(place, ANSWER_MS);
  const source = new DataSource(
    options.type === 'better-sqlite3' ? { ...options, ...toLook(options.database) } : options,
  );
  await source.initialize();
  try {
    refuseNewer((await compareMigrations(source)).newer);
  } finally {
    await source.destroy();
  }
}

const TORN =
  'Put it back whole from a backup, or take away what is left of its tables: they are made again and filled from the ledger (docs/backup.md).';
/** What to do where the server's words do not say it, by PostgreSQL's code (its manual, appendix A). */
const REMEDIES: Readonly<Record<string, string>> = {
  '3D000': 'Create it: it is filled again from the ledger.',
  '42501': "Give its user the rights on Lineside's tables back.",
  '42703': TORN,
  '42P01': TORN,
  '42P07': TORN,
  '53300': 'Raise max_connections, or find who uses them up.',
};

/** The plant database's trouble in words. */
export function unusable(code: string, cause: unknown): DependencyError {
  const remedy = REMEDIES[String((cause as { code?: unknown } | null)?.code)];
  const words = [
    `Plant database cannot be used: ${messageOf(cause)}.`,
    ...(remedy === undefined ? [] : [remedy]),
    'Verdicts go on; records wait in the ledger.',
  ];
  return new DependencyError(code, words.join(' '), { cause });
}

/**
 * Asked in the transaction of what is written, before it is committed: another inspector may have brought the database up
 * since it was opened, or be at it and let these rows in when it is done.
 */
export async function assertNotNewer(plant: EntityManager): Promise<void> {
  const known = new Set(PLANT_MIGRATIONS.map(({ name }) => name));
  const done: Pick<Migration, 'name'>[] = await plant.query(
    `SELECT "name" FROM "migrations" WHERE "timestamp" BETWEEN ${OURS[0]} AND ${OURS[1]}`,
  );
  const newer = done.find(({ name }) => !known.has(name));
  if (newer !== undefined) throw broughtUpBy(newer);
}

/** As with a ledger: what a newer version writes may mean something that this one would read wrongly, or write over. */
function refuseNewer(newer: readonly Migration[]): void {
  const ours = newer.find(({ timestamp }) => OURS[0] <= timestamp && timestamp <= OURS[1]);
  if (ours !== undefined) throw broughtUpBy(ours);
}

function broughtUpBy({ name }: Pick<Migration, 'name'>): Error {
  return new Error(
    `A newer version of Lineside brought it up: this one does not know ${name}. Start the newer version, or name another database (docs/backup.md)`,
  );
}

/** By a connection of its own, which has the patience for it: for the tables, and for another inspector that makes them. */
async function migrate(place: PlantPlace): Promise<void> {
  const source = await new DataSource(sourceOf(place, MIGRATE_MS)).initialize();
  // Held to the end: its session has the lock.
  const runner = source.createQueryRunner();
  try {
    if (place.type === 'postgres') await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await source.runMigrations();
  } finally {
    await runner.release();
    await source.destroy();
  }
}

function sourceOf(place: PlantPlace, answerMs: number): DataSourceOptions {
  const schema = {
    entities: PLANT_ENTITIES,
    migrations: PLANT_MIGRATIONS,
    logger: new Speechless(),
  };
  if (place.type === 'better-sqlite3') {
    const { type, file: database } = place;
    const prepareDatabase = keepFewPages;
    return { ...schema, type, database, prepareDatabase, enableWAL: true, statementCacheSize: MOST_STATEMENTS };
  }
  const { type, url } = place;
  const patience = { query_timeout: answerMs, statement_timeout: answerMs, keepAlive: true };
  return { ...schema, type, url, connectTimeoutMS: CONNECT_MS, extra: patience };
}
