import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';

const OVERRIDES = 'verdict_override';

/** What people said of parts, beside what the machine said. For SQLite and PostgreSQL. */
export class PlantOverrides1700000000003 implements MigrationInterface {
  readonly name = 'PlantOverrides1700000000003';

  async up(runner: QueryRunner): Promise<void> {
    const text = (name: string) => ({ name, type: 'varchar' });
    const key = (name: string) => ({ name, type: 'varchar', isPrimary: true });
    const optional = (name: string, type = 'varchar') => ({ name, type, isNullable: true });
    await runner.createTable(
      new Table({
        name: OVERRIDES,
        columns: [
          key('inspectorId'),
          key('overrideId'),
          { name: 'ledgerRow', type: 'bigint' },
          ...['camera', 'disposition', 'saidBy', 'saidTs', 'machineVerdict', 'machineReason'].map(text),
          ...['frameId', 'inspection', 'partId', 'lot', 'trueLabel', 'machineDefectClass', 'modelId'].map((name) =>
            optional(name),
          ),
          optional('remark', 'text'),
          { name: 'body', type: 'text' },
        ],
      }),
    );
    for (const columnNames of [['saidTs'], ['frameId'], ['partId'], ['lot', 'saidTs']]) {
      const name = `${OVERRIDES}_by_${columnNames.join('_')}`;
      await runner.createIndex(OVERRIDES, new TableIndex({ name, columnNames }));
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(OVERRIDES);
  }
}
