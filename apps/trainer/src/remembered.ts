import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { readJson } from '#contracts';
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

/** What was found, and the CRC-32 of its JSON. */
const Kept = z.object({ check: z.number(), found: z.unknown() });

/** What an earlier run worked out from the same; null where none has, or what it kept is not there as it was written. */
export async function recall<T extends object>(place: MemoryPlace, schema: z.ZodType<T>): Promise<T | null> {
  const text = await readFile(fileOf(place), 'utf8').catch(() => null);
  const kept = Kept.safeParse(readJson(text ?? '')).data;
  if (kept === undefined || checkOf(kept.found) !== kept.check) return null;
  return schema.safeParse(kept.found).data ?? null;
}

/** Keep what was found, as JSON with its checksum. */
export async function remember<T extends object>(place: MemoryPlace, found: T): Promise<T> {
  await writeWhole(fileOf(place), JSON.stringify({ check: checkOf(found), found }));
  return found;
}

function checkOf(found: unknown): number {
  return crc32(JSON.stringify(found) ?? '');
}

function fileOf({ dir, of }: MemoryPlace): string {
  const name = createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 16);
  return join(dir, `${name}.json`);
}
