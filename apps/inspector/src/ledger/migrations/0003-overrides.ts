import type { MigrationInterface, QueryRunner } from 'typeorm';
import { widenKinds } from './widen-kinds.js';

/** People's words on parts stand in the ledger as a kind of their own, in the one order of rows. */
export class Overrides1700000000003 implements MigrationInterface {
  readonly name = 'Overrides1700000000003';

  async up(runner: QueryRunner): Promise<void> {
    await widenKinds(runner, ['boot', 'accepted', 'closed', 'part-opened', 'part', 'event', 'override']);
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('A ledger with overrides in it cannot go back: nothing in it is ever deleted.');
  }
}

const STATEMENTS = [
  // By the record spoken of, and by its part: the page asks for both.
  `CREATE INDEX "ledger_override" ON "ledger" ("frameId") WHERE "kind" = 'override'`,
  `CREATE INDEX "ledger_override_part" ON "ledger" (json_extract("body", '$.partId')) WHERE "kind" = 'override'`,
];
