import { type Misfit, tellProblems } from './tell-problems.js';

/** What went wrong, in three kinds that tell the caller what to do next. `code` is an API: tests, counters and docs use it. */
export class CodedError extends Error {
  readonly code: string;

  /** @param message one sentence each: what failed, what was expected, what was found, what to do. Never a secret. */
  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
  }
}

/** The data handed to us is bad. Count it, answer with its reason (or exit 1), go on. */
export class InputError extends CodedError {
  /** What was found, in a few words: for a message that lists many. */
  readonly found: string | undefined;

  constructor(code: string, message: string, options: { cause?: unknown; found?: string } = {}) {
    super(code, message, options);
    this.found = options.found;
  }
}

/** Something we depend on (broker, disk, database, port) is not there. Back off, be not ready, try again. */
export class DependencyError extends CodedError {}

/** A gate refused on purpose: certification, promotion, leak guard. Nothing is broken; exit code 2. */
export class RefusedError extends CodedError {}

/** Our own bug. Crash and let the supervisor start again. */
export class InvariantError extends CodedError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('INVARIANT', message, options);
  }
}

/** The code of anything that can be thrown: what has none of its own is our bug. */
export function codeOf(error: unknown): string {
  return error instanceof CodedError ? error.code : 'INVARIANT';
}

/** The operating system's word for an error, e.g. ENOENT, or whatever code another library gave it; null where it has none. */
export function systemCodeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** No room on a disk, or in a user's share of it. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(systemCodeOf(error) ?? '');
}

const KINDS = { InputError, DependencyError, RefusedError } as const;

/** An error as plain data, to cross into another thread or process. */
export interface PlainError {
  /** Null for our own bug, whatever it was thrown as. */
  readonly kind: keyof typeof KINDS | null;
  readonly code: string;
  readonly message: string;
}

export function toPlain(error: unknown): PlainError {
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  return {
    kind: kinds.find((kind) => error instanceof KINDS[kind]) ?? null,
    code: codeOf(error),
    message: messageOf(error),
  };
}

/** The error again, of the kind it was. */
export function fromPlain({ kind, code, message }: PlainError): CodedError {
  return kind === null ? new InvariantError(message) : new KINDS[kind](code, message);
}

/** The message of anything that can be thrown; a value that fits no schema says each problem. */
export function messageOf(error: unknown): string {
  if (isZodError(error)) return tellProblems(error).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** The first line of it: parsers of YAML draw the place below theirs. */
export function firstLineOf(error: unknown): string {
  const [line = ''] = messageOf(error).split('\n', 1);
  return line.replace(/:$/, '');
}

/** What is wrong, as short as it is known: what was found, else the first line of the message. */
export function foundIn(error: unknown): string {
  return error instanceof InputError && error.found !== undefined ? error.found : firstLineOf(error);
}

/** Known by what it carries: a thread that parses nothing loads no zod. */
function isZodError(error: unknown): error is { issues: readonly Misfit[] } {
  return error instanceof Error && 'issues' in error;
}
