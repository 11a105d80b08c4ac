import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { classPaths, makeDataDir } from '../../../test/factories/labelled-pictures.js';
import { tempDir } from '../../../test/factories/tools.js';
import { SNAPSHOT_FILE, writeSnapshot } from './snapshot.js';
import { prepareDataset } from './steps/dataset.js';
import { TrainLog } from './train-log.js';

describe('data snapshot', () => {
  it('is a split that repeats the sides, with the fingerprint of the run', async () => {
    const [data, out] = [await makeDataDir(classPaths({ good: 12, crack: 12 })), tempDir()];
    const request = { data, validationShare: 0.25, testShare: 0.25, seed: 3, leaks: 'refuse', maxPixels: 1e6 } as const;
    const first = await prepareDataset(request, new TrainLog([]));
    await writeSnapshot(out, first.split);
    const again = await prepareDataset({ ...request, seed: 9, split: join(out, SNAPSHOT_FILE) }, new TrainLog([]));
    assert.deepEqual(again.pictures, first.pictures);
    assert.equal(again.fingerprint, first.fingerprint);
  });
});
