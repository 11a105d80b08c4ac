import type { MigrationInterface, QueryRunner } from 'typeorm';
import { widenKinds } from './widen-kinds.js';

/**
 * Parts and what people did stand in the ledger beside frames, in one order of rows. Settings are the few things that
 * hold until a person changes them.
 */
export class Kinds1700000000002 implements MigrationInterface {
  readonly name = 'Kinds1700000000002';

  async up(runner: QueryRunner): Promise<void> {
    await widenKinds(runner, ['boot', 'accepted', 'closed', 'part-opened', 'part', 'event']);
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('A ledger with parts in it cannot go back: nothing in it is ever deleted.');
  }
}

const STATEMENTS = [
  `CREATE UNIQUE INDEX "ledger_part_opened" ON "ledger" ("frameId") WHERE "kind" = 'part-opened'`,
  `CREATE UNIQUE INDEX "ledger_part" ON "ledger" ("frameId") WHERE "kind" = 'part'`,
  `CREATE INDEX "ledger_picture" ON "ledger" ("picture") WHERE "picture" IS NOT NULL`,
  `CREATE INDEX "ledger_picture_row" ON "ledger" ("row") WHERE "picture" IS NOT NULL`,
  `CREATE TABLE "setting" ("name" varchar PRIMARY KEY NOT NULL, "value" text NOT NULL)`,
];
