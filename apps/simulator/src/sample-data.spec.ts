import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { InputError } from '#contracts';
import { readDataset } from '#model/dataset/dataset';
import { tempDir } from '../../../test/factories/tools.js';
import { ENOUGH_FOR_SIDES, writeSampleDataset } from './sample-data.js';

const OPTIONS = { seed: 3, count: 30, defectShare: 0.5 };

describe('the sample data set', () => {
  it('is read by the trainer as it is: classes, split, lots', async () => {
    const dir = join(tempDir(), 'data');
    const progress: number[] = [];
    const sides = await writeSampleDataset(dir, { ...OPTIONS, onProgress: (done) => progress.push(done) });
    assert.deepEqual(sides, { train: 30, val: 0, test: 0 });
    const { labels, samples } = await readDataset({ dir });
    assert.equal(labels[0], 'good');
    assert.ok(labels.length > 2);
    assert.equal(samples.length, 30);
    assert.equal(progress.at(-1), 30);
    for (const sample of samples) assert.ok(sample.split !== null && sample.lot === sample.group);
  });

  it('has a picture on every side from a number on that it tells', async () => {
    const sides = await writeSampleDataset(join(tempDir(), 'data'), { ...OPTIONS, count: ENOUGH_FOR_SIDES });
    assert.deepEqual(sides, { train: 60, val: 20, test: 1 });
  });

  it('is the same for the same seed', async () => {
    const [one, two] = [join(tempDir(), 'a'), join(tempDir(), 'b')];
    await writeSampleDataset(one, { ...OPTIONS, count: 10 });
    await writeSampleDataset(two, { ...OPTIONS, count: 10 });
    const files = (dir: string) =>
      readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
    assert.deepEqual(
      files(one).map((file) => readFileSync(file)),
      files(two).map((file) => readFileSync(file)),
    );
  });

  it('never overwrites what is there', async () => {
    const dir = tempDir();
    await assert.rejects(
      writeSampleDataset(dir, OPTIONS),
      (error) => error instanceof InputError && error.code === 'DATA_EXISTS',
    );
  });

  it('leaves nothing behind when the disk refuses', async () => {
    const dir = join(tempDir(), 'data');
    const onProgress = (): void => {
      // Someone else takes the place while it is being made: the last step cannot succeed.
      if (!existsSync(dir)) mkdirSync(join(dir, 'taken'), { recursive: true });
    };
    await assert.rejects(
      writeSampleDataset(dir, { ...OPTIONS, count: 2, onProgress }),
      (error) => error instanceof Error && 'code' in error && error.code === 'DATA_WRITE',
    );
    assert.deepEqual(readdirSync(dirname(dir)), ['data']);
    assert.deepEqual(readdirSync(dir), ['taken']);
  });

  it('refuses a share or a count that means nothing', async () => {
    const dir = join(tempDir(), 'data');
    for (const wrong of [{ count: 0 }, { count: 1.5 }, { defectShare: 2 }, { defectShare: Number.NaN }]) {
      await assert.rejects(
        writeSampleDataset(dir, { ...OPTIONS, ...wrong }),
        (error) => error instanceof InputError && error.code === 'OPTION_INVALID',
      );
    }
  });
});
