import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { DependencyError, messageOf } from '#contracts';

/**
 * One inspector per data folder. The lock is a transaction that stays open on an SQLite file of its own: the system
 * lets go of it however the process ends, so a crash leaves nothing to clean up.
 */
export class DataFolder {
  private owner: Database.Database | null = null;

  constructor(private readonly dir: string) {}

  /** @throws DependencyError DATA_FOLDER_TAKEN when another inspector has it, DATA_FOLDER when it cannot be made */
  take(): void {
    try {
      mkdirSync(this.dir, { recursive: true });
      // No waiting: an inspector that is there stays there.
      this.owner = new Database(join(this.dir, 'owner.sqlite'), { timeout: 0 });
      this.owner.exec('BEGIN EXCLUSIVE');
    } catch (cause) {
      this.release();
      throw refusal(this.dir, cause);
    }
  }

  /** Also where it was never taken. */
  release(): void {
    this.owner?.close();
    this.owner = null;
  }
}

function refusal(dir: string, cause: unknown): DependencyError {
  if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY')) {
    return new DependencyError(
      'DATA_FOLDER_TAKEN',
      `Data folder ${dir} belongs to another inspector that is running. Stop it, or give this one an inspector.dataDir of its own.`,
      { cause },
    );
  }
  return new DependencyError(
    'DATA_FOLDER',
    `Data folder ${dir} cannot be used: ${messageOf(cause)}. Expected a folder this user may write: inspector.dataDir.`,
    { cause },
  );
}
