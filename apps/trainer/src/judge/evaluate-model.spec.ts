import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Precision } from '#contracts';
import { openArtefact } from '#model/artefact';
import { readDataset } from '#model/dataset/dataset';
import { fingerprint } from '#model/dataset/fingerprint';
import { verifyPictures } from '#model/dataset/pictures';
import { splitDataset } from '#model/dataset/split';
import { makeArtefact, redPicture, tinyGraph, tinyScore } from '../../../../test/factories/artefact.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { evaluateModel } from './evaluate-model.js';

/** Red levels by picture; the tiny model calls what is redder than 127 a defect. */
async function makeReds(reds: Readonly<Record<string, number>>, csv?: string): Promise<string> {
  const dir = tempDir();
  for (const [path, red] of Object.entries(reds)) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), await redPicture(red));
  }
  if (csv !== undefined) writeFileSync(join(dir, 'split.csv'), csv);
  return dir;
}

const REDS = { 'good/1.png': 60, 'good/2.png': 150, 'defect/1.png': 200, 'defect/2.png': 110, 'defect/3.png': 180 };

describe('evaluating a model', () => {
  it('scores every picture as the model does and counts at its operating point', async () => {
    const artefact = await openArtefact((await makeArtefact()).dir);
    const { evaluation, scored, subset } = await evaluateModel({ artefact, data: await makeReds(REDS) });
    assert.equal(subset, 'all');
    assert.deepEqual(
      scored.map(({ sample }) => sample.path),
      Object.keys(REDS).sort(),
    );
    for (const {
      sample: { path },
      score,
    } of scored) {
      assert.ok(Math.abs(score - tinyScore(REDS[path as keyof typeof REDS])) < 1e-5, path);
    }
    const { n, positives, auroc, atThreshold } = evaluation;
    assert.deepEqual([n, positives, auroc], [5, 3, 5 / 6]);
    assert.deepEqual([atThreshold.tp, atThreshold.fp, atThreshold.tn, atThreshold.fn], [2, 1, 1, 1]);
  });

  it('takes the test side of a split by itself, another on demand, and refuses a side that is not there', async () => {
    const rows = Object.keys(REDS).map(
      (path) => `${path},${path.split('/')[0]},${path.includes('/1') ? 'test' : 'train'}`,
    );
    const data = await makeReds(REDS, ['path,label,split', ...rows, ''].join('\n'));
    const artefact = await openArtefact((await makeArtefact()).dir);
    assert.deepEqual(
      (await evaluateModel({ artefact, data })).scored.map(({ sample }) => sample.path),
      ['defect/1.png', 'good/1.png'],
    );
    assert.equal((await evaluateModel({ artefact, data, subset: 'train' })).evaluation.n, 3);
    await assert.rejects(evaluateModel({ artefact, data, subset: 'val' }), {
      code: 'SUBSET_EMPTY',
      message: /no val side/,
    });
  });

  it('finds the pictures again that training itself held out', async () => {
    const reds = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`${i % 2 === 0 ? 'good' : 'defect'}/${i}.png`, i % 2 === 0 ? i : 255 - i]),
    );
    const data = await makeReds(reds);
    const plan = { validationShare: 0.2, testShare: 0.2, seed: 3 };
    const split = splitDataset(await verifyPictures(await readDataset({ dir: data }), { maxPixels: 1e6 }), plan);
    const print = fingerprint([...split.train, ...split.val, ...split.test]);
    const card = { plan, data: { fingerprint: print, pictures: {} } };
    const artefact = await openArtefact((await makeArtefact({ card })).dir);
    const { scored, subset } = await evaluateModel({ artefact, data });
    assert.deepEqual([subset, scored.map(({ sample }) => sample.path)], ['test', split.test.map(({ path }) => path)]);
  });

  it('takes the worst tile for the picture', async () => {
    const preprocess = {
      frame: null,
      roi: null,
      tiles: { columns: 2, rows: 1 },
      resize: { width: 32, height: 32, policy: 'squash', kernel: 'nearest' },
    } as const;
    const artefact = await openArtefact((await makeArtefact({ card: { preprocess } })).dir);
    const data = await makeReds(REDS);
    const { scored } = await evaluateModel({ artefact, data });
    assert.ok(Math.abs((scored[0]?.score ?? 0) - tinyScore(200)) < 1e-5);
  });

  it('judges the graph of the precision asked for, and none in its place: PRECISION_MISSING', async () => {
    const data = await makeReds(REDS);
    const { dir, card } = await makeArtefact({ graphs: { int8: tinyGraph(['good', 'defect']) } });
    const aurocOf = async (precision: Precision) => {
      const result = await evaluateModel({ artefact: await openArtefact(dir), data, place: { precision } });
      assert.equal(result.precision, precision);
      return result.evaluation.auroc;
    };
    assert.deepEqual([await aurocOf('fp32'), await aurocOf('int8')], [5 / 6, 5 / 6]);
    await assert.rejects(aurocOf('fp16'), { code: 'PRECISION_MISSING' });
    const golden = card.golden.map(({ file, scores }) => ({ file, scores: { ...scores, int8: 0.3 } }));
    writeFileSync(join(dir, 'card.json'), JSON.stringify({ ...card, golden }));
    await assert.rejects(aurocOf('int8'), { code: 'GOLDEN_CHECK', message: /\(int8\)/ });
  });

  it('lists the pictures it cannot judge: IMAGE_UNREADABLE', async () => {
    const data = await makeReds(REDS);
    writeFileSync(join(data, 'good/broken.png'), 'no picture');
    writeFileSync(join(data, 'defect/empty.png'), '');
    const artefact = await openArtefact((await makeArtefact()).dir);
    const told = /^2 of 7 pictures cannot be judged: .*empty.*broken/;
    await assert.rejects(evaluateModel({ artefact, data }), { code: 'IMAGE_UNREADABLE', message: told });
  });
});
