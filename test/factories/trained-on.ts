import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Artefact, openArtefact } from '#model/artefact';
import type { Split } from '#model/dataset/split';
import { SNAPSHOT_FILE, writeSnapshot } from '../../apps/trainer/src/snapshot.js';
import { type ArtefactOptions, makeArtefact } from './artefact.js';
import { tempDir } from './tools.js';

/** A tiny model that says it was trained and judged on these sides. @param split of verified pictures */
export async function makeTrainedOn(split: Split, options: ArtefactOptions = {}): Promise<Artefact> {
  const run = tempDir();
  await writeSnapshot(run, split);
  const files = { [SNAPSHOT_FILE]: readFileSync(join(run, SNAPSHOT_FILE)) };
  return openArtefact((await makeArtefact({ ...options, files })).dir);
}
