import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { RunningPostgres } from '../factories/postgres.js';
import type { Books, LedgerRecord, SequenceRange } from './account.js';

const RECORDS = `SELECT "frameId", json_extract("body", '$.verdict') AS "verdict",
  json_extract("body", '$.bootId') AS "bootId", json_extract("body", '$.identity') AS "identity"
  FROM "ledger" WHERE "kind" = 'closed'`;
const GAPS = `SELECT "camera", json_extract("body", '$.missing[0]') AS "first", json_extract("body", '$.missing[1]') AS "last"
  FROM "ledger" WHERE "kind" = 'accepted' AND json_extract("body", '$.missing') IS NOT NULL`;
const SEEN = `SELECT "camera", MIN("seq") AS "first", MAX("seq") AS "last" FROM "ledger" WHERE "kind" = 'accepted' GROUP BY "camera"`;
const OPEN = `SELECT (SELECT COUNT(*) FROM "ledger" WHERE "kind" = 'accepted') - COUNT(*) AS "open", COUNT(*) AS "closed"
  FROM "ledger" WHERE "kind" = 'closed'`;

/** Where an inspector writes down what it did. */
export interface Shelf {
  readonly dataDir: string;
  /** Null: the plant database is the SQLite file beside the ledger. */
  readonly postgres: RunningPostgres | null;
}

/** Everything that stands in these, read as it is asked for. */
export async function openBooks(shelves: readonly Shelf[]): Promise<Books> {
  const ledgers = shelves.map(({ dataDir }) => join(dataDir, 'ledger.sqlite')).filter((file) => existsSync(file));
  const plant: Iterable<string>[] = [];
  for (const { dataDir, postgres } of shelves) {
    if (postgres !== null) {
      const rows = await postgres.rows<{ frameId: string }>('SELECT "frameId" FROM inspected_frame');
      plant.push(rows.map(({ frameId }) => frameId));
    } else if (existsSync(join(dataDir, 'plant.sqlite'))) {
      plant.push(
        frameIds(query<{ frameId: string }>(join(dataDir, 'plant.sqlite'), 'SELECT "frameId" FROM inspected_frame')),
      );
    }
  }
  return {
    records: chain(ledgers.map((file) => query<LedgerRecord>(file, RECORDS))),
    gaps: chain(ledgers.map((file) => query<SequenceRange>(file, GAPS))),
    seen: chain(ledgers.map((file) => query<SequenceRange>(file, SEEN))),
    plant: chain(plant),
  };
}

/** True when every accepted frame has its record and the plant database has all of them. */
export async function isAtRest({ dataDir, postgres }: Shelf): Promise<boolean> {
  const ledger = join(dataDir, 'ledger.sqlite');
  if (!existsSync(ledger)) return true;
  const [figures] = [...query<{ open: number; closed: number }>(ledger, OPEN)];
  const count = 'SELECT COUNT(*) AS n FROM inspected_frame';
  const rows =
    postgres === null
      ? [...query<{ n: number }>(join(dataDir, 'plant.sqlite'), count)]
      : await postgres.rows<{ n: string }>(count).catch(() => []);
  return figures?.open === 0 && Number(rows[0]?.n) === figures.closed;
}

function* query<Row>(file: string, sql: string): Generator<Row> {
  const database = new Database(file, { readonly: true });
  try {
    yield* database.prepare(sql).iterate() as Iterable<Row>;
  } finally {
    database.close();
  }
}

function* frameIds(rows: Iterable<{ frameId: string }>): Generator<string> {
  for (const { frameId } of rows) yield frameId;
}

function* chain<Thing>(parts: readonly Iterable<Thing>[]): Generator<Thing> {
  for (const part of parts) yield* part;
}
