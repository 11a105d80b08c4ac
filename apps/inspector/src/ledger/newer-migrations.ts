import { type DataSource, type Migration, MigrationExecutor } from 'typeorm';

/** What brought a database up that this program does not know: a newer version did. Nothing is written. */
export async function findNewerMigrations(source: DataSource): Promise<Migration[]> {
  const known = new Set(source.migrations.map(({ name }) => name));
  return (await new MigrationExecutor(source).getExecutedMigrations()).filter(({ name }) => !known.has(name));
}
