import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { Comparison } from '#contracts';
import { openArtefact } from '#model/artefact';
import { readDataset } from '#model/dataset/dataset';
import { verifyPictures } from '#model/dataset/pictures';
import { makeArtefact, redPicture } from '../../../../test/factories/artefact.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { makeTrainedOn } from '../../../../test/factories/trained-on.js';
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

const withThreshold = async (id: string, threshold: number, zoneFrom = threshold) =>
  openArtefact(
    (await makeArtefact({ id, card: { operatingPoint: { threshold, greyZone: [zoneFrom, threshold] } } })).dir,
  );

describe('comparing two models', () => {
  it('lists every picture with two verdicts, defects first, and keeps its shape', async () => {
    // Scores 0.5 and 0.02 lie at red levels 127.5 and 96.
    const data = await makeData([20, 100, 110, 140, 30, 200]);
    const [a, b] = [await withThreshold('strict', 0.5), await withThreshold('keen', 0.02)];
    const { comparison, points, thumbnails } = await compareModels({ a, b, data });
    assert.deepEqual([points.a.threshold, points.b.threshold], [0.5, 0.02]);
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

  it('lists what one model alone passes before what one fails and the other leaves to a person', async () => {
    // Scores of the defects 1 and 3: 0.98 and 0.55.
    const data = await makeData([20, 160, 30, 129]);
    const [a, b] = [await withThreshold('clear', 0.5), await withThreshold('grey', 0.999, 0.6)];
    const { comparison } = await compareModels({ a, b, data });
    assert.deepEqual(
      comparison.disagreements.map(({ path, a: first, b: second }) => [path, first.verdict, second.verdict]),
      [
        ['defect/3.png', 'FAIL', 'PASS'],
        ['defect/1.png', 'FAIL', 'INCONCLUSIVE'],
      ],
    );
  });

  it('takes the pictures that neither has learnt, and refuses where there are none: SUBSET_LEARNT', async () => {
    const data = await makeData(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? i : 255 - i)));
    const { samples } = await verifyPictures(await readDataset({ dir: data }), { maxPixels: 1e6 });
    const trained = (isHeldOut: (i: number) => boolean, id: string) => {
      const sides = samples.map((sample, i) => ({ ...sample, split: isHeldOut(i) ? 'test' : 'train' }) as const);
      const side = (name: 'train' | 'test') => sides.filter(({ split }) => split === name);
      return makeTrainedOn({ train: side('train'), val: [], test: side('test') }, { id });
    };
    const [a, b, c] = await Promise.all([
      trained((i) => i % 4 < 2, 'first'),
      trained((i) => i % 3 === 0, 'second'),
      trained((i) => i % 4 >= 2, 'third'),
    ]);
    const { comparison } = await compareModels({ a, b, data });
    const neither = samples.filter((_, i) => i % 4 < 2 && i % 3 === 0).length;
    assert.deepEqual([comparison.subset, comparison.n, comparison.leftOut], ['test', neither, 40 - neither]);
    await assert.rejects(compareModels({ a, b: c, data }), {
      code: 'SUBSET_LEARNT',
      message: /^first and third learnt or chose by every one of the 40 pictures.*new to both/,
    });
    assert.equal((await compareModels({ a, b: c, data, subset: 'all' })).comparison.n, 40);
  });
});
