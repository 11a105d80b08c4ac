import { type DataSource, type Migration, MigrationExecutor } from 'typeorm';

export interface ComparedMigrations {
  /** What brought the database up that this program does not know: a newer version did. */
  readonly newer: readonly Migration[];
  /** This program has some that are to come. */
  readonly isOlder: boolean;
}

/** How far a database was brought up, held against this program. Nothing is written, and it is asked once. */
export async function compareMigrations(source: DataSource): Promise<ComparedMigrations> {
  const executed = await new MigrationExecutor(source).getExecutedMigrations();
  const done = new Set(executed.map(({ name }) => name));
  const known = new Set(source.migrations.map(({ name }) => name));
  return {
    newer: executed.filter(({ name }) => !known.has(name)),
    isOlder: source.migrations.some(({ name }) => name === undefined || !done.has(name)),
  };
}
