import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openDatabase } from './open-database.js';

const LOCK_FILE = 'owner.sqlite';

/**
 * Locks that were let go. Never freed: from Node 24.19 on freeing a database of better-sqlite3 12 can abort the process
 * (known issue in CHANGELOG.md), and a training must not end so.
 */
const released = new Set<Database.Database>();

/**
 * One owner per folder, among all processes of this machine. The lock is a transaction that stays open on an SQLite file
 * of its own, `owner.sqlite`: the system lets go of it however the process ends, so a crash leaves nothing to clean up.
 */
export class FolderLock {
  private constructor(private readonly database: Database.Database) {}

  /**
   * Make the folder where it is missing, and take it. Whoever takes it releases it.
   * @returns null when somebody has it
   * @throws DependencyError SQLITE_NOT_LOADED; what the system or SQLite says where the folder cannot be made or written
   */
  static take(dir: string): FolderLock | null {
    mkdirSync(dir, { recursive: true });
    // No waiting: an owner that is there stays there.
    const database = openDatabase(join(dir, LOCK_FILE), { timeout: 0 });
    const lock = new FolderLock(database);
    try {
      database.exec('BEGIN EXCLUSIVE');
      return lock;
    } catch (error) {
      lock.release();
      if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return null;
      throw error;
    }
  }

  release(): void {
    this.database.close();
    released.add(this.database);
  }
}
