import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

const PARTS = 'inspected_part';
/** Columns, and what says them in a recorded verdict. */
const MARKS = { isLate: 'late', isSimulated: 'simulated', isChallenge: 'challenge' };
const BEFORE = [['partId'], ['lot', 'decidedTs']];
/** As of frames: each search's rows in their order, from the least to the most selective. */
const AFTER = [[], ['lot'], ['partId']].map((of) => ['inspectorId', ...of, 'verdict', 'decidedTs']);

/** Parts are marked and searched as frames are. For SQLite and PostgreSQL. */
export class PlantParts1700000000006 implements MigrationInterface {
  readonly name = 'PlantParts1700000000006';

  async up(runner: QueryRunner): Promise<void> {
    for (const column of Object.keys(MARKS)) {
      // By hand: TypeORM would copy the whole table for each in SQLite.
      await runner.query(`ALTER TABLE "${PARTS}" ADD COLUMN "${column}" boolean NOT NULL DEFAULT false`);
    }
    // Not by JSON functions: they differ, and PostgreSQL's refuse a body in which a name holds a NUL.
    const marks = Object.entries(MARKS).map(([column, word]) => `"${column}" = ("body" LIKE '%"${word}":true%')`);
    await runner.query(`UPDATE "${PARTS}" SET ${marks.join(', ')}`);
    await replaceIndexes(runner, BEFORE, AFTER);
  }

  async down(runner: QueryRunner): Promise<void> {
    await replaceIndexes(runner, AFTER, BEFORE);
    for (const column of Object.keys(MARKS)) await runner.query(`ALTER TABLE "${PARTS}" DROP COLUMN "${column}"`);
  }
}

async function replaceIndexes(runner: QueryRunner, old: string[][], fresh: string[][]): Promise<void> {
  const nameOf = (columnNames: readonly string[]): string => `${PARTS}_by_${columnNames.join('_')}`;
  for (const columnNames of old) await runner.dropIndex(PARTS, nameOf(columnNames));
  for (const columnNames of fresh) {
    await runner.createIndex(PARTS, new TableIndex({ name: nameOf(columnNames), columnNames }));
  }
}
