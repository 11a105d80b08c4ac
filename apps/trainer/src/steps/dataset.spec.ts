import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { classPaths, makeDataDir } from '../../../../test/factories/labelled-pictures.js';
import { TrainLog } from '../train-log.js';
import { prepareDataset } from './dataset.js';

const REQUEST = { validationShare: 0.25, testShare: 0.25, seed: 1, maxPixels: 1_000_000 };

describe('dataset step', () => {
  it('hands on verified pictures on three sides, counted, and says so in one line', async () => {
    const lines: string[] = [];
    const log = new TrainLog([(event) => event.event === 'step' && lines.push(event.text)]);
    const data = await makeDataDir(classPaths({ good: 16, crack: 8 }));
    const { split, pictures, fingerprint, dataset } = await prepareDataset({ ...REQUEST, data }, log);
    assert.deepEqual(pictures, {
      train: { good: 9, crack: 4 },
      val: { good: 3, crack: 2 },
      test: { good: 4, crack: 2 },
    });
    assert.ok([...split.train, ...split.val, ...split.test].every(({ sha256 }) => sha256?.length === 64));
    assert.deepEqual(dataset.labels, ['good', 'crack']);
    assert.match(fingerprint, /^[0-9a-f]{64}$/);
    assert.deepEqual(lines, ['24 pictures: train 9 good + 4 crack, val 3 good + 2 crack, test 4 good + 2 crack']);
  });

  it('refuses what cannot be split before it opens a picture', async () => {
    const data = await makeDataDir(classPaths({ good: 9 }), { 'crack/1.png': 'not a picture' });
    await assert.rejects(prepareDataset({ ...REQUEST, data }, new TrainLog([])), { code: 'TOO_FEW' });
  });
});
