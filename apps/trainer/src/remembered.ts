import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { writeWhole } from './write-whole.js';

/** Where something that was worked out is kept. */
export interface MemoryPlace {
  /** A cache's folder. */
  readonly dir: string;
  /** Everything that it follows from besides the folder, with a name that changes when the work does. */
  readonly of: unknown;
}

/** What an earlier run worked out from the same, or what `work` finds now. */
export async function remembered<T extends object>(
  place: MemoryPlace & { readonly schema: z.ZodType<T> },
  work: () => Promise<T>,
): Promise<T> {
  return (await recall(place, place.schema)) ?? remember(place, await work());
}

/** What an earlier run worked out from the same; null where none has, or what it kept cannot be read. */
export async function recall<T extends object>(place: MemoryPlace, schema: z.ZodType<T>): Promise<T | null> {
  const text = await readFile(fileOf(place), 'utf8').catch(() => null);
  return text === null ? null : (schema.safeParse(parsed(text)).data ?? null);
}

/** Keep what was found, as JSON. */
export async function remember<T extends object>(place: MemoryPlace, found: T): Promise<T> {
  await writeWhole(fileOf(place), JSON.stringify(found));
  return found;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function fileOf({ dir, of }: MemoryPlace): string {
  const name = createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 16);
  return join(dir, `${name}.json`);
}
