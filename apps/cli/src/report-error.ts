import { CodedError, messageOf, RefusedError, systemCodeOf } from '#contracts';

/** Exit codes of every command: done, failed, refused by a gate. */
const EXIT = { done: 0, failed: 1, refused: 2 } as const;

/** What to do about errors that come from the system itself, by its own code. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free space on it and run the command again; nothing half-written was left in its place.',
  EDQUOT: 'The disk quota is used up. Free space and run the command again.',
  EACCES: 'Permission denied. Check who owns the path.',
  EROFS: 'The file system is read-only. Choose another path.',
  ENOENT: 'There is no such file or folder. Check the path.',
  ENOTDIR: 'A file stands where a folder was expected. Check the path.',
  EISDIR: 'A folder stands where a file was expected. Name a file.',
  EEXIST: 'Something stands there already. Choose another path.',
  EADDRINUSE: 'The port is in use. Stop what listens there, or configure another port.',
};

export interface ErrorReport {
  readonly exitCode: number;
  /** null when the command line has said it already (usage errors, --help). */
  readonly text: string | null;
}

/** One clear text for whatever a command threw. @param wantsStack show the stack and the causes too */
export function reportError(error: unknown, wantsStack: boolean): ErrorReport {
  if (isUsageError(error)) return { exitCode: error.exitCode, text: null };
  const stack = wantsStack ? `\n${stackOf(error)}` : '';
  if (error instanceof CodedError) {
    const isRefused = error instanceof RefusedError;
    const text = `${isRefused ? 'refused' : 'error'} ${error.code}: ${error.message}${stack}`;
    return { exitCode: isRefused ? EXIT.refused : EXIT.failed, text };
  }
  const code = systemCodeOf(error) ?? 'INTERNAL';
  const remedy = REMEDIES[code] ?? 'This was not expected. Set LINESIDE_DEBUG=1 to see where it happened.';
  // Node begins its own messages with their code.
  const message = messageOf(error).replace(`${code}: `, '');
  return { exitCode: EXIT.failed, text: `error ${code}: ${message}. ${remedy}${stack}` };
}

/** Commander's own errors: it has printed them, and help counts as one with exit code 0. */
function isUsageError(error: unknown): error is Error & { exitCode: number } {
  return error instanceof Error && 'exitCode' in error && (systemCodeOf(error) ?? '').startsWith('commander.');
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? String(error.stack) : `${error.stack}\ncaused by ${stackOf(error.cause)}`;
}
