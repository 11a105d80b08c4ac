import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { Comparison } from '#contracts';
import { openArtefact } from '#model/artefact';
import { readDataset } from '#model/dataset/dataset';
import { fingerprint } from '#model/dataset/fingerprint';
import { verifyPictures } from '#model/dataset/pictures';
import { splitDataset } from '#model/dataset/split';
import { makeArtefact, redPicture } from '../../../../test/factories/artefact.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { compareModels } from './compare-models.js';

/** Alternating good and defective pictures; the tiny model calls what is redder than 127 a defect. */
async function makeData(reds: readonly number[]): Promise<string> {
  const dir = tempDir();
  for (const [i, red] of reds.entries()) {
    const file = join(dir, i % 2 === 0 ? 'good' : 'defect', `${i}.png`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await redPicture(red));
  }
  return dir;
}

const withThreshold = async (id: string, threshold: number) =>
  openArtefact(
    (await makeArtefact({ id, card: { operatingPoint: { threshold, greyZone: [threshold, threshold] } } })).dir,
  );

describe('comparing two models', () => {
  it('lists every picture with two verdicts, defects first, and keeps its shape', async () => {
    // Scores 0.5 and 0.02 lie at red levels 127.5 and 96.
    const data = await makeData([20, 100, 110, 140, 30, 200]);
    const [a, b] = [await withThreshold('strict', 0.5), await withThreshold('keen', 0.02)];
    const { comparison, thumbnails } = await compareModels({ a, b, data });
    assert.deepEqual(Comparison.parse(comparison), comparison);
    assert.deepEqual(
      comparison.disagreements.map(({ path, a: first, b: second }) => [path, first.verdict, second.verdict]),
      [
        ['defect/1.png', 'PASS', 'FAIL'],
        ['good/2.png', 'PASS', 'FAIL'],
      ],
    );
    const { misses, overkills, auroc } = comparison;
    assert.deepEqual([misses.onlyA, misses.onlyB, overkills.onlyA, overkills.onlyB], [1, 0, 0, 1]);
    assert.deepEqual([auroc.difference, auroc.isNoise], [0, true]);
    assert.match(thumbnails.get('good/2.png') ?? '', /^data:image\/webp;base64,/);
  });

  it('refuses models that held out different pictures: COMPARE_PICTURES', async () => {
    const data = await makeData(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? i : 255 - i)));
    const verified = await verifyPictures(await readDataset({ dir: data }), { maxPixels: 1e6 });
    const trained = async (seed: number) => {
      const plan = { validationShare: 0.2, testShare: 0.2, seed };
      const { train, val, test } = splitDataset(verified, plan);
      const print = fingerprint([...train, ...val, ...test]);
      return openArtefact((await makeArtefact({ card: { plan, data: { fingerprint: print, pictures: {} } } })).dir);
    };
    const [a, b] = [await trained(3), await trained(4)];
    await assert.rejects(compareModels({ a, b, data }), { code: 'COMPARE_PICTURES', message: /--subset all/ });
    assert.equal((await compareModels({ a, b, data, subset: 'all' })).comparison.n, 40);
  });
});
