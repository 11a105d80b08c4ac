import Database from 'better-sqlite3';
import { DependencyError, firstLineOf } from '#contracts';

/**
 * Open an SQLite file; `:memory:` opens none. better-sqlite3 loads its compiled part only now.
 * @throws DependencyError SQLITE_NOT_LOADED where that part was installed for another Node, or not at all; what SQLite
 *   says where the file cannot be opened
 */
export function openDatabase(file: string, options: Database.Options): Database.Database {
  try {
    return new Database(file, options);
  } catch (cause) {
    if (cause instanceof Database.SqliteError) throw cause;
    if (!(cause instanceof Error) || !isNotLoaded(cause)) throw cause;
    const why = cause.message.includes('NODE_MODULE_VERSION')
      ? 'it was installed for another Node'
      : firstLineOf(cause);
    throw new DependencyError(
      'SQLITE_NOT_LOADED',
      `better-sqlite3 does not load in Node ${process.versions.node}: ${why}. Run npm ci with this Node in the program's folder, or start the Node it was installed with.`,
      { cause },
    );
  }
}

/** By the system's loader, or because the file was never built. */
function isNotLoaded(error: Error): boolean {
  return (
    ('code' in error && error.code === 'ERR_DLOPEN_FAILED') || error.message.startsWith('Could not locate the bindings')
  );
}
