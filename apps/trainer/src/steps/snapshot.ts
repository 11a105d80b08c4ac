import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { groupOf } from '#model/dataset/sample';
import type { Split } from '#model/dataset/split';
import { writeWhole } from '../write-whole.js';

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
