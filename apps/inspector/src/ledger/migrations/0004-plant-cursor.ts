import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';

const CURSOR = 'ledger_cursor';

/** What the row of a cursor said: a ledger that was put back may have another row in that place. For SQLite and PostgreSQL. */
export class PlantCursor1700000000004 implements MigrationInterface {
  readonly name = 'PlantCursor1700000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn(CURSOR, new TableColumn({ name: 'fingerprint', type: 'varchar', isNullable: true }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn(CURSOR, 'fingerprint');
  }
}
