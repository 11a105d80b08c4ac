import type { MigrationInterface, QueryRunner } from 'typeorm';
import { widenKinds } from './widen-kinds.js';

/** Pictures that are kept after their frame was recorded: of a view that passed, its part was rejected. */
export class Pictures1700000000005 implements MigrationInterface {
  readonly name = 'Pictures1700000000005';

  async up(runner: QueryRunner): Promise<void> {
    await widenKinds(runner, KINDS);
    await runner.query(`CREATE UNIQUE INDEX "ledger_kept_later" ON "ledger" ("frameId") WHERE "kind" = 'picture'`);
  }

  async down(): Promise<void> {
    throw new Error('A ledger with pictures kept later in it cannot go back: nothing in it is ever deleted.');
  }
}

const KINDS = ['boot', 'accepted', 'closed', 'part-opened', 'part', 'overtaken', 'picture', 'event', 'override'];
