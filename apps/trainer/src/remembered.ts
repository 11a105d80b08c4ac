import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { writeWhole } from './write-whole.js';

/**
 * What an earlier run worked out from the same, or what `work` finds now; kept as JSON in a cache's folder. What cannot be
 * read there is as good as not kept.
 * @param of everything that it follows from besides the folder, with a name that changes when the work does
 */
export async function remembered<T>(
  { dir, of, schema }: { readonly dir: string; readonly of: unknown; readonly schema: z.ZodType<T> },
  work: () => Promise<T>,
): Promise<T> {
  const name = createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 16);
  const file = join(dir, `${name}.json`);
  const text = await readFile(file, 'utf8').catch(() => null);
  const known = schema.safeParse(text === null ? undefined : parsed(text));
  if (known.success) return known.data;
  const found = await work();
  await writeWhole(file, JSON.stringify(found));
  return found;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
