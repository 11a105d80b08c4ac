import { messageOf } from '#contracts';
import { openDatabase } from '#registry';
import { blocked, type Finding, ok } from './finding.js';

/** What keeps the ledger: compiled for one Node, and of no use to the next after an upgrade of the system. */
export function findSqlite(): Finding[] {
  const about = 'SQLite';
  try {
    const database = openDatabase(':memory:', {});
    return [ok(about, String(database.prepare('SELECT sqlite_version()').pluck().get()))];
  } catch (error) {
    return [blocked(about, messageOf(error), 'Nothing can be recorded or trained without it.')];
  }
}
