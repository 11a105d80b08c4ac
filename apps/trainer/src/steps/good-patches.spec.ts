import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { chooseBackend } from '#model/backend/choose';
import { readDataset } from '#model/dataset/dataset';
import { verifyPictures } from '#model/dataset/pictures';
import type { Sample } from '#model/dataset/sample';
import { LITE0_WEIGHTS } from '#model/weights/record';
import { loadWeights } from '#model/weights/store';
import { classPaths, makeDataDir, makePicture } from '../../../../test/factories/labelled-pictures.js';
import { makeSurface } from '../../../../test/factories/surfaces.js';
import { Plan } from '../plan/plan.js';
import { preprocessOf } from '../plan/preprocess-of.js';
import { TrainLog } from '../train-log.js';
import { type LearntPatches, learnGoodPatches } from './good-patches.js';

const known = LITE0_WEIGHTS;
const maxPixels = 1_000_000;
/** Two tiles of 2 x 2 patches. */
const plan = Plan.parse({
  resize: { width: 64, height: 64 },
  tiles: { columns: 2, rows: 1 },
  oneClass: { patches: 100 },
});

describe('learning good patches', () => {
  before(() => chooseBackend('wasm'));

  it('comes to the same whether maps fit into memory or are computed twice', async () => {
    const samples = await pictures();
    const tileBytes = 2 * 2 * 512 * 4;
    const whole = await learn(samples);
    assert.deepEqual([whole.heldOut.pictures, whole.heldOut.groups], [3, 3]);
    assert.equal(whole.patches, 3 * 2 * 2 * 2, 'all there are, though 100 are asked for');
    assert.deepEqual(await learn(samples, { keptBytes: 2 * tileBytes }), whole, 'two of three are computed twice');
  });

  it('takes no picture that changed since it was hashed: DATA_CHANGED', async () => {
    const samples = await pictures();
    await writeFile(samples[1]?.file ?? '', await makePicture(7));
    await assert.rejects(learn(samples), { code: 'DATA_CHANGED', message: /good\/001\.png/ });
  });
});

async function pictures(): Promise<readonly Sample[]> {
  const paths = classPaths({ good: 3 });
  const dir = await makeDataDir(paths);
  for (const [i, path] of paths.entries()) await writeFile(join(dir, path), await makeSurface(i));
  return (await verifyPictures(await readDataset({ dir, isOneClass: true }), { maxPixels })).samples;
}

async function learn(samples: readonly Sample[], limits: { keptBytes?: number } = {}): Promise<LearntPatches> {
  const { oneClass, seed } = plan;
  const reading = { known, weights: await loadWeights(known), preprocess: preprocessOf(plan, known.backbone) };
  return learnGoodPatches(samples, { ...reading, maxPixels, oneClass, seed, ...limits }, new TrainLog([]));
}
