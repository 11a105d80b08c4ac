import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';

const PARTS = 'inspected_part';

/** Verdicts on parts of several views, beside those on frames. For SQLite and PostgreSQL. */
export class Parts1700000000002 implements MigrationInterface {
  readonly name = 'Parts1700000000002';

  async up(runner: QueryRunner): Promise<void> {
    const text = (name: string) => ({ name, type: 'varchar' });
    const key = (name: string) => ({ name, type: 'varchar', isPrimary: true });
    const optional = (name: string, type = 'varchar') => ({ name, type, isNullable: true });
    await runner.createTable(
      new Table({
        name: PARTS,
        columns: [
          key('inspectorId'),
          key('inspection'),
          { name: 'ledgerRow', type: 'bigint' },
          ...['partId', 'verdict', 'reason', 'decidedTs'].map(text),
          optional('lot'),
          optional('defectClass'),
          optional('score', 'double precision'),
          { name: 'isHistorical', type: 'boolean' },
          { name: 'body', type: 'text' },
        ],
      }),
    );
    // Two rows per frame reach the end of 32 bits in a few months of a fast line. SQLite's integers have 64 anyway.
    if (runner.connection.options.type === 'postgres') {
      await runner.query(`ALTER TABLE "inspected_frame" ALTER COLUMN "ledgerRow" TYPE bigint`);
      await runner.query(`ALTER TABLE "ledger_cursor" ALTER COLUMN "row" TYPE bigint`);
    }
    for (const columnNames of [['decidedTs'], ['partId'], ['lot', 'decidedTs']]) {
      await runner.createIndex(PARTS, new TableIndex({ name: `${PARTS}_by_${columnNames.join('_')}`, columnNames }));
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(PARTS);
  }
}
