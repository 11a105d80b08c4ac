import type { z } from 'zod';

/** Sections that hold names which others point to. */
const NAMING = new Set(['cameras', 'recipes', 'parts']);
/** A name that is sound wherever one is asked for. */
const SOUND = 'x';

type Holder = Record<PropertyKey, unknown>;
/** A wrong text or number, and where it stands. */
interface Wrong {
  readonly path: readonly PropertyKey[];
  readonly written: string | number;
}

/**
 * A section as far as it can be read, for what it says beside what is wrong in it: without its misspelt keys, and where
 * names are given with the wrong ones as they were written. Undefined where it cannot be read at all.
 */
export function readSection(name: string, schema: z.ZodType, written: unknown): unknown {
  const asWritten = schema.safeParse(written);
  if (asWritten.success) return asWritten.data;
  const { issues } = asWritten.error;
  const rest = withoutUnknownKeys(written, issues);
  const wrong = NAMING.has(name) ? issues.flatMap((issue) => wrongAt(rest, issue) ?? []) : [];
  for (const { path, written } of wrong) put(rest, path, typeof written === 'string' ? SOUND : undefined);
  const { success, data } = schema.safeParse(rest);
  if (!success) return undefined;
  for (const { path, written } of wrong) put(data, path, written);
  return data;
}

function withoutUnknownKeys(section: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const rest = structuredClone(section);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const owner = at(rest, issue.path) as Holder;
    for (const key of issue.keys) delete owner[key];
  }
  return rest;
}

/** Null where the place is empty or holds another kind of value. */
function wrongAt(section: unknown, { code, path }: z.core.$ZodIssue): Wrong | null {
  if (code === 'unrecognized_keys' || path.length === 0) return null;
  const written = at(section, path);
  return typeof written === 'string' || typeof written === 'number' ? { path, written } : null;
}

function at(section: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((holder, key) => (holder as Holder)[key], section);
}

/** @param value undefined: the setting's default stands there */
function put(section: unknown, path: readonly PropertyKey[], value: string | number | undefined): void {
  const holder = at(section, path.slice(0, -1)) as Holder;
  holder[path.at(-1) ?? ''] = value;
}
