import type { QueryRunner } from 'typeorm';
import type { SqliteHandle } from '../durability.js';

const LEDGER = `"type" = 'table' AND "name" = 'ledger'`;
const KINDS = /CHECK \("kind" IN \([^)]*\)\)/;

/**
 * Let the ledger take these kinds of rows. SQLite cannot alter a CHECK, and a copy of a year's table takes minutes in which
 * the line stands still, and its room on the disk once more. So its text alone is changed, as SQLite describes it for what
 * does not touch rows (https://www.sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes"): what
 * the old CHECK let in the wider one lets in too.
 * @throws Error where the table is not one of ours; the migration's transaction takes everything back
 */
export async function widenKinds(runner: QueryRunner, kinds: readonly string[]): Promise<void> {
  const handle = (await runner.connect()) as SqliteHandle;
  const [table] = (await runner.query(`SELECT "sql" FROM "sqlite_schema" WHERE ${LEDGER}`)) as { sql: string }[];
  const check = `CHECK ("kind" IN (${kinds.map((kind) => `'${kind}'`).join(', ')}))`;
  if (table === undefined || !KINDS.test(table.sql)) throw new Error('Its table of records is none that Lineside made');
  const version = Number(handle.pragma('schema_version', { simple: true }));
  handle.unsafeMode(true);
  try {
    handle.pragma('writable_schema = ON');
    await runner.query(`UPDATE "sqlite_schema" SET "sql" = ? WHERE ${LEDGER}`, [table.sql.replace(KINDS, check)]);
    // Whoever has the file open reads its schema anew.
    handle.pragma(`schema_version = ${version + 1}`);
  } finally {
    // Off again, and this connection reads it anew.
    handle.pragma('writable_schema = RESET');
    handle.unsafeMode(false);
  }
}
