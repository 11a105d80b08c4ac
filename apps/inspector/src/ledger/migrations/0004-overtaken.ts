import type { MigrationInterface, QueryRunner } from 'typeorm';
import { widenKinds } from './widen-kinds.js';

/** What the gate heard where the window ended while a verdict was recorded. */
export class Overtaken1700000000004 implements MigrationInterface {
  readonly name = 'Overtaken1700000000004';

  async up(runner: QueryRunner): Promise<void> {
    await widenKinds(runner, ['boot', 'accepted', 'closed', 'part-opened', 'part', 'overtaken', 'event', 'override']);
    await runner.query(`CREATE UNIQUE INDEX "ledger_overtaken" ON "ledger" ("frameId") WHERE "kind" = 'overtaken'`);
  }

  async down(): Promise<void> {
    throw new Error('A ledger with overtaken verdicts in it cannot go back: nothing in it is ever deleted.');
  }
}
