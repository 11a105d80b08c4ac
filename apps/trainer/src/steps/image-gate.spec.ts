import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { readDataset } from '#model/dataset/dataset';
import { verifyPictures } from '#model/dataset/pictures';
import { LITE0_WEIGHTS } from '#model/weights/record';
import { classPaths, makeDataDir, makePicture } from '../../../../test/factories/labelled-pictures.js';
import { Plan } from '../plan/plan.js';
import { preprocessOf } from '../plan/preprocess-of.js';
import { TrainLog } from '../train-log.js';
import { learnPictures } from './image-gate.js';

describe('learning what usable pictures look like', () => {
  it('takes no picture that changed since it was hashed: DATA_CHANGED', async () => {
    const maxPixels = 1_000_000;
    const dir = await makeDataDir(classPaths({ good: 3, defect: 1 }));
    const { samples } = await verifyPictures(await readDataset({ dir }), { maxPixels });
    const reading = { preprocess: preprocessOf(Plan.parse({}), LITE0_WEIGHTS.backbone), maxPixels };
    const learn = () => learnPictures({ train: samples, val: [], test: [] }, reading, new TrainLog([]));
    assert.equal((await learn()).learntFrom, 3);
    const good = samples.find(({ path }) => path === 'good/001.png');
    assert.ok(good !== undefined);
    await writeFile(good.file, await makePicture(77));
    await assert.rejects(learn(), { code: 'DATA_CHANGED', message: /good\/001\.png changed during the run/ });
  });
});
