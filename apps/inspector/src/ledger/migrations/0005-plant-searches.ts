import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

const FRAMES = 'inspected_frame';
const BEFORE = [['camera', 'decidedTs'], ['verdict', 'decidedTs'], ['partId'], ['lot', 'decidedTs']];
/**
 * Every search asks for one inspector and one word at a time, newest first: each index leads straight to the rows in
 * their order. Where two serve a search alike SQLite takes the one that was made last, so they go from the least to the
 * most selective.
 */
const AFTER = [[], ['camera'], ['lot'], ['partId']].map((of) => ['inspectorId', ...of, 'verdict', 'decidedTs']);

/** Searches of one inspector among the records of years. For SQLite and PostgreSQL. */
export class PlantSearches1700000000005 implements MigrationInterface {
  readonly name = 'PlantSearches1700000000005';

  async up(runner: QueryRunner): Promise<void> {
    await replace(runner, BEFORE, AFTER);
  }

  async down(runner: QueryRunner): Promise<void> {
    await replace(runner, AFTER, BEFORE);
  }
}

async function replace(runner: QueryRunner, old: string[][], fresh: string[][]): Promise<void> {
  for (const columnNames of old) await runner.dropIndex(FRAMES, nameOf(columnNames));
  for (const columnNames of fresh) {
    await runner.createIndex(FRAMES, new TableIndex({ name: nameOf(columnNames), columnNames }));
  }
}

function nameOf(columnNames: readonly string[]): string {
  return `${FRAMES}_by_${columnNames.join('_')}`;
}
