import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { codeOf, InputError, messageOf } from '#contracts';
import type { Artefact } from '#model/artefact';
import { listSome } from '#model/dataset/list-some';
import { compareNames, type Sample, type Subset } from '#model/dataset/sample';
import type { Split } from '#model/dataset/split';
import { writeWhole } from './write-whole.js';

/** Inside a run's folder and the artefact. */
export const SNAPSHOT_FILE = 'data.csv';

/** Readers take a blank at the end of a cell for none of it, unless it stands in quotes. */
const OUTER_BLANK = /^\s|\s$/;

/** A column of the snapshot, by the names that tables of data have, and what stands in it. */
const COLUMNS: Readonly<Record<string, (sample: Sample) => string | null | undefined>> = {
  path: ({ path }) => path,
  label: ({ label }) => label,
  split: ({ split }) => split,
  group: ({ group }) => group,
  lot: ({ lot }) => lot,
  part: ({ part }) => part,
  class: ({ kind }) => kind,
  camera: ({ camera }) => camera,
  day: ({ day }) => day,
  sha256: ({ sha256 }) => sha256,
};

/**
 * Write down which pictures a run learned from and was judged on, one row each, sorted by path: what the card's fingerprint
 * is computed over, and what else the data says of them. The file is itself a split for `--split`: it repeats the run.
 */
export async function writeSnapshot(dir: string, split: Split): Promise<void> {
  const samples = [...split.train, ...split.val, ...split.test].sort((a, b) => compareNames(a.path, b.path));
  const rows = samples.map((sample) => Object.values(COLUMNS).map((cellOf) => cellOf(sample)));
  await writeWhole(join(dir, SNAPSHOT_FILE), stringify([Object.keys(COLUMNS), ...rows], { quoted_match: OUTER_BLANK }));
}

const Row = z.object({ path: z.string(), split: z.enum(['train', 'val', 'test']), sha256: z.string() });
export type SnapshotRow = Readonly<z.infer<typeof Row>>;

/** The rows of a snapshot, in their order. */
export async function readSnapshot(dir: string): Promise<SnapshotRow[]> {
  return z.array(Row).parse(parse(await readFile(join(dir, SNAPSHOT_FILE)), { columns: true }));
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

/**
 * What reading by a snapshot failed with: a picture that is gone is one that changed.
 * @throws InputError DATA_CHANGED where pictures of the model are not there, else the cause itself
 */
export function explainGone(cause: unknown, { card }: Artefact): never {
  if (codeOf(cause) !== 'LABEL_UNKNOWN') throw cause;
  throw new InputError(
    'DATA_CHANGED',
    `Pictures that model ${card.id} was made with are gone: ${messageOf(cause)} Name the directory it was trained on, bring them back, or train again on what is there.`,
    { cause },
  );
}
