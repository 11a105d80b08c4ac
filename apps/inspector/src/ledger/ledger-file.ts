import { rmSync, statSync } from 'node:fs';
import { DataSource, type QueryRunner } from 'typeorm';
import { DependencyError, InvariantError, messageOf } from '#contracts';
import { compareMigrations } from './compare-migrations.js';
import { assertDurable, keepFewPages, makeDurable, remedyFor, type SqliteHandle, toLook } from './durability.js';
import { LedgerCursorEntity, LedgerEntity } from './ledger.entity.js';
import { Ledger1700000000001 } from './migrations/0001-ledger.js';
import { Kinds1700000000002 } from './migrations/0002-kinds.js';
import { Overrides1700000000003 } from './migrations/0003-overrides.js';
import { Overtaken1700000000004 } from './migrations/0004-overtaken.js';
import { Pictures1700000000005 } from './migrations/0005-pictures.js';
import { Speechless } from './speechless.js';

const SCHEMA = {
  entities: [LedgerEntity, LedgerCursorEntity],
  migrations: [
    Ledger1700000000001,
    Kinds1700000000002,
    Overrides1700000000003,
    Overtaken1700000000004,
    Pictures1700000000005,
  ],
  logger: new Speechless(),
};

/** An open ledger: the one connection that writes it. */
export interface LedgerFile {
  readonly source: DataSource;
  readonly runner: QueryRunner;
  readonly handle: SqliteHandle;
}

/**
 * Open a ledger, or make one where there is no file, and bring it up to this version.
 * @throws DependencyError LEDGER_OPEN when the file cannot be opened, has lost its content, was brought up by a newer
 *   version or does not keep commits through a power cut
 */
export async function openLedgerFile(file: string): Promise<LedgerFile> {
  let handle: SqliteHandle | null = null;
  let isNew = false;
  try {
    const bytes = sizeOf(file);
    isNew = bytes === null;
    if (bytes === 0) throw emptied(file);
    const source = await new DataSource({
      type: 'better-sqlite3',
      database: file,
      prepareDatabase: (opened: SqliteHandle) => {
        handle = opened;
        makeDurable(opened);
        keepFewPages(opened);
      },
      ...SCHEMA,
    }).initialize();
    const runner = source.createQueryRunner();
    await refuseNewer(source, file);
    await source.runMigrations();
    await assertDurable(runner, file);
    return { source, runner, handle: handedOver(handle) };
  } catch (cause) {
    // What a full disk left of a first start: the next one is a first start again.
    if (isNew && sizeOf(file) === 0) rmSync(file);
    throw unopened(file, cause);
  }
}

/**
 * Look whether this program would open it, and leave it as it is.
 * @returns whether there is one
 * @throws DependencyError LEDGER_OPEN where it has lost its content, was brought up by a newer version or cannot be read
 */
export async function lookIntoLedger(file: string): Promise<boolean> {
  const bytes = sizeOf(file);
  if (bytes === null) return false;
  if (bytes === 0) throw emptied(file);
  try {
    const source = await new DataSource({
      type: 'better-sqlite3',
      database: file,
      ...toLook(file),
      ...SCHEMA,
    }).initialize();
    await refuseNewer(source, file).finally(() => source.destroy());
    return true;
  } catch (cause) {
    throw unopened(file, cause);
  }
}

function unopened(file: string, cause: unknown): DependencyError {
  if (cause instanceof DependencyError) return cause;
  return new DependencyError(
    'LEDGER_OPEN',
    `Ledger ${file} cannot be opened: ${messageOf(cause)}. ${remedyFor(cause, 'Check that its folder exists and is writable.')}`,
    { cause },
  );
}

/** Null where there is none. */
function sizeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.size ?? null;
}

/** SQLite takes an empty file for a new database, and throws away the commits that wait beside it. */
function emptied(file: string): DependencyError {
  return new DependencyError(
    'LEDGER_OPEN',
    `Ledger ${file} is empty, as after a power cut while it was copied: the records, recipes, locks and holds it had are not there. Put a copy back (docs/backup.md), or remove the file to begin a new ledger.`,
  );
}

/** What a newer version writes may mean something that this one would read wrongly, or write over. */
async function refuseNewer(source: DataSource, file: string): Promise<void> {
  const {
    newer: [unknown],
  } = await compareMigrations(source);
  if (unknown === undefined) return;
  throw new DependencyError(
    'LEDGER_OPEN',
    `Ledger ${file} was written by a newer version of Lineside: this one does not know ${unknown.name}. Start the newer version again, or put back the copy from before the upgrade (docs/backup.md).`,
  );
}

function handedOver(handle: SqliteHandle | null): SqliteHandle {
  if (handle === null) throw new InvariantError('TypeORM opened the ledger without handing over the database.');
  return handle;
}
