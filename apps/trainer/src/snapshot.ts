import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { InputError } from '#contracts';
import type { Artefact } from '#model/artefact';
import { listSome } from '#model/dataset/list-some';
import { groupOf, type Subset } from '#model/dataset/sample';
import type { Split } from '#model/dataset/split';
import { writeWhole } from './write-whole.js';

/** Inside a run's folder and the artefact. */
export const SNAPSHOT_FILE = 'data.csv';

/**
 * Write down which pictures a run learned from and was judged on: path, label, side, group and hash, sorted by path. The
 * card's fingerprint is computed over these rows, and the file is itself a split for `--split`: it repeats the run.
 */
export async function writeSnapshot(dir: string, split: Split): Promise<void> {
  const rows = [...split.train, ...split.val, ...split.test]
    .map((sample) => [sample.path, sample.label, sample.split, groupOf(sample), sample.sha256])
    .sort(([a = ''], [b = '']) => ((a ?? '') < (b ?? '') ? -1 : 1));
  const header = ['path', 'label', 'split', 'group', 'sha256'];
  await writeWhole(join(dir, SNAPSHOT_FILE), stringify([header, ...rows]));
}

const Rows = z.array(z.object({ path: z.string(), split: z.enum(['train', 'val', 'test']), sha256: z.string() }));

async function readSnapshot(dir: string): Promise<z.infer<typeof Rows>> {
  return Rows.parse(parse(await readFile(join(dir, SNAPSHOT_FILE)), { columns: true }));
}

/** On which sides of a model's run each picture was, by the hash of its bytes; nothing where the model keeps no snapshot. */
export async function readSides({ dir, card }: Artefact): Promise<ReadonlyMap<string, ReadonlySet<Subset>>> {
  const sides = new Map<string, Set<Subset>>();
  if (!(SNAPSHOT_FILE in card.files)) return sides;
  for (const { sha256, split } of await readSnapshot(dir))
    sides.set(sha256, (sides.get(sha256) ?? new Set()).add(split));
  return sides;
}

/**
 * Refuse pictures that are not those a model was made with, read on the sides of its snapshot.
 * @throws InputError DATA_CHANGED naming those whose bytes are others
 */
export async function refuseChanged(
  { split, fingerprint }: { readonly split: Split; readonly fingerprint: string },
  { dir, card }: Artefact,
): Promise<void> {
  if (fingerprint === card.data.fingerprint) return;
  const rows = await readSnapshot(dir);
  const known = new Map(rows.map(({ path, sha256 }) => [path, sha256]));
  const samples = [...split.train, ...split.val, ...split.test];
  const changed = samples.flatMap(({ path, sha256 }) => (known.get(path) === sha256 ? [] : [path]));
  throw new InputError(
    'DATA_CHANGED',
    `${changed.length} of ${samples.length} pictures are not those that model ${card.id} was made with: ${listSome(changed)}. What its card says of them would no longer hold. Bring them back, or train again on what is there.`,
  );
}
