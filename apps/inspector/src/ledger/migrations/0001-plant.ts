import { type MigrationInterface, type QueryRunner, Table, type TableColumnOptions, TableIndex } from 'typeorm';

const text = (name: string): TableColumnOptions => ({ name, type: 'varchar' });
const key = (name: string): TableColumnOptions => ({ name, type: 'varchar', isPrimary: true });
const optional = (name: string, type = 'varchar'): TableColumnOptions => ({ name, type, isNullable: true });
const flag = (name: string): TableColumnOptions => ({ name, type: 'boolean' });

const FRAMES = 'inspected_frame';

/** One migration for SQLite and PostgreSQL: only what both understand. */
export class Plant1700000000001 implements MigrationInterface {
  readonly name = 'Plant1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: FRAMES,
        columns: [
          key('inspectorId'),
          key('frameId'),
          { name: 'ledgerRow', type: 'integer' },
          ...['camera', 'recipe', 'verdict', 'reason', 'receivedTs', 'decidedTs'].map(text),
          ...['partId', 'lot', 'view', 'defectClass', 'modelId', 'captureTs', 'picture'].map((name) => optional(name)),
          optional('seq', 'bigint'),
          optional('score', 'double precision'),
          ...['isLate', 'isSimulated', 'isChallenge', 'isHistorical'].map(flag),
          { name: 'body', type: 'text' },
        ],
      }),
    );
    const searches = [
      ['decidedTs'],
      ['camera', 'decidedTs'],
      ['verdict', 'decidedTs'],
      ['partId'],
      ['lot', 'decidedTs'],
    ];
    for (const columnNames of searches) {
      await runner.createIndex(FRAMES, new TableIndex({ name: `${FRAMES}_by_${columnNames.join('_')}`, columnNames }));
    }
    await runner.createTable(
      new Table({
        name: 'missing_frames',
        columns: [
          key('inspectorId'),
          key('frameId'),
          text('camera'),
          optional('cameraBootId'),
          { name: 'firstSeq', type: 'bigint' },
          { name: 'lastSeq', type: 'bigint' },
          text('seenTs'),
        ],
      }),
    );
    await runner.createTable(
      new Table({ name: 'ledger_cursor', columns: [key('ledgerId'), { name: 'row', type: 'integer' }] }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [FRAMES, 'missing_frames', 'ledger_cursor']) await runner.dropTable(table);
  }
}
