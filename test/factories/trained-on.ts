import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Artefact, openArtefact } from '#model/artefact';
import type { VerifiedDataset } from '#model/dataset/sample';
import type { Split } from '#model/dataset/split';
import { LEARNT_SHEET, writeLearntSheet } from '../../apps/trainer/src/learnt-sheet.js';
import { SNAPSHOT_FILE, writeSnapshot } from '../../apps/trainer/src/snapshot.js';
import { type ArtefactOptions, makeArtefact } from './artefact.js';
import { tempDir } from './tools.js';

/**
 * A tiny model that says it was trained and judged on these sides.
 * @param split of verified pictures
 * @param thumbnails of the same; default: it does not keep what they look like, as models of before
 */
export async function makeTrainedOn(
  split: Split,
  { thumbnails, ...options }: ArtefactOptions & Partial<Pick<VerifiedDataset, 'thumbnails'>> = {},
): Promise<Artefact> {
  const run = tempDir();
  await writeSnapshot(run, split);
  if (thumbnails !== undefined) await writeLearntSheet(run, thumbnails);
  const names = [SNAPSHOT_FILE, ...(thumbnails === undefined ? [] : [LEARNT_SHEET])];
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(run, name))]));
  return openArtefact((await makeArtefact({ ...options, files })).dir);
}
