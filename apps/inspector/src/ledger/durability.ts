import { statSync } from 'node:fs';
import { QueryFailedError, type QueryRunner } from 'typeorm';
import { DependencyError } from '#contracts';

/** The better-sqlite3 handle behind TypeORM. */
export interface SqliteHandle {
  pragma(text: string, options?: { simple: boolean }): unknown;
  /** Lets its schema be written. */
  unsafeMode(isOn: boolean): void;
  /** As SQLite itself sees it. */
  readonly inTransaction: boolean;
}

/** SQLite's number for FULL: a commit is on the disk when it returns. */
const FULL = 2;

/** For `prepareDatabase`. */
export function makeDurable(handle: SqliteHandle): void {
  handle.pragma('journal_mode = WAL');
  // TypeORM's enableWAL leaves synchronous at NORMAL, which loses commits in a power cut.
  handle.pragma('synchronous = FULL');
}

/**
 * Of a file's pages in memory, KiB. better-sqlite3 keeps 16,000 of each open file; what is read here was written a moment
 * ago, or lies in the system's cache.
 */
const CACHE_KIB = 2_000;

/** For `prepareDatabase`: files that grow for years leave the process as small as it was. */
export function keepFewPages(handle: Pick<SqliteHandle, 'pragma'>): void {
  handle.pragma(`cache_size = -${CACHE_KIB}`);
}

/**
 * Options of better-sqlite3 and TypeORM to read what is there, without making or changing it. One that may only read leaves
 * `-wal` and `-shm` beside a file; one that may write takes them away as it closes, and brings commits that wait there into
 * the file. So it may write where none wait.
 */
export function toLook(file: string) {
  const readonly = (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  return { readonly, fileMustExist: true, enableWAL: false, prepareDatabase: onlyAsk };
}

/** For `prepareDatabase`: what would change anything is refused. */
function onlyAsk(handle: Pick<SqliteHandle, 'pragma'>): void {
  handle.pragma('query_only = ON');
}

/** @throws DependencyError LEDGER_OPEN when the file would not keep commits through a power cut */
export async function assertDurable(runner: QueryRunner, file: string): Promise<void> {
  const [journal] = (await runner.query('PRAGMA journal_mode')) as { journal_mode: string }[];
  const [sync] = (await runner.query('PRAGMA synchronous')) as { synchronous: number }[];
  if (journal?.journal_mode === 'wal' && sync?.synchronous === FULL) return;
  throw new DependencyError(
    'LEDGER_OPEN',
    `Ledger ${file} would not keep commits: expected WAL with synchronous=FULL, got ${journal?.journal_mode} with ${sync?.synchronous}. Put it on a local disk.`,
  );
}

/** SQLite's words for a call that was wrong in itself: another one may well succeed on the same disk. */
const CALLERS_FAULT = /^SQLITE_(ERROR|CONSTRAINT|MISMATCH|MISUSE|RANGE|TOOBIG)/;

/** The disk or file refuses: nothing can be kept now, whatever is asked. */
export function isRefusedByDisk(error: unknown): boolean {
  const code = codeOf(error);
  return code.startsWith('SQLITE_') && !CALLERS_FAULT.test(code);
}

/** What to do about an error of the ledger's file: a damaged one is mended by no disk space. */
export function remedyFor(error: unknown, otherwise: string): string {
  const isDamaged = /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error));
  return isDamaged ? 'Its file is damaged: put a copy back (docs/backup.md).' : otherwise;
}

/** SQLite's; empty where it is another's error. */
function codeOf(error: unknown): string {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}
