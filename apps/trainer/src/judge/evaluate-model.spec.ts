import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Figures, type Precision } from '#contracts';
import { openArtefact } from '#model/artefact';
import { readDataset } from '#model/dataset/dataset';
import { verifyPictures } from '#model/dataset/pictures';
import { splitDataset } from '#model/dataset/split';
import { makeArtefact, redPicture, tinyGraph, tinyScore } from '../../../../test/factories/artefact.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { makeTrainedOn } from '../../../../test/factories/trained-on.js';
import { evaluateModel, judgePictures } from './evaluate-model.js';

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

  /** Forty pictures without sides, and a model that made its own of them. */
  async function makeTrained(testShare = 0.2) {
    const reds = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`${i % 2 === 0 ? 'good' : 'defect'}/${i}.png`, i % 2 === 0 ? i : 255 - i]),
    );
    const data = await makeReds(reds);
    const verified = await verifyPictures(await readDataset({ dir: data }), { maxPixels: 1e6 });
    const split = splitDataset(verified, { validationShare: 0.2, testShare, seed: 3 });
    return { data, split, artefact: await makeTrainedOn(split) };
  }

  const pathsOf = (scored: readonly { readonly sample: { readonly path: string } }[]) =>
    scored.map(({ sample }) => sample.path);

  it('finds the sides again that training itself made', async () => {
    const { data, split, artefact } = await makeTrained();
    const { scored, subset, leftOut } = await evaluateModel({ artefact, data });
    assert.deepEqual([subset, leftOut, pathsOf(scored)], ['test', 32, split.test.map(({ path }) => path)]);
    for (const side of ['train', 'val', 'test'] as const) {
      const asked = await evaluateModel({ artefact, data, subset: side });
      assert.deepEqual([asked.subset, asked.leftOut, pathsOf(asked.scored)], [side, 0, split[side].map((s) => s.path)]);
    }
  });

  it('says so where neither the data nor the training has a test side: SUBSET_EMPTY', async () => {
    const { data, split, artefact } = await makeTrained();
    const csv = join(tempDir(), 'no-test.csv');
    const rows = (['train', 'val'] as const).flatMap((side) =>
      split[side].map(({ path, label }) => `${path},${label},${side}`),
    );
    writeFileSync(csv, ['path,label,split', ...rows, ''].join('\n'));
    await assert.rejects(evaluateModel({ artefact, data, split: csv }), {
      code: 'SUBSET_EMPTY',
      message: /the data names none, and the training of tiny-1 put none of these pictures on one/,
    });
  });

  it('leaves out what the model learnt, also where pictures were added, moved or relabelled', async () => {
    const { data, split, artefact } = await makeTrained();
    writeFileSync(join(data, 'good/new.png'), await redPicture(99));
    renameSync(join(data, split.train[0]?.path ?? ''), join(data, 'good/moved.png'));
    const { scored, subset, leftOut } = await evaluateModel({ artefact, data });
    const expected = [...split.test.map(({ path }) => path), 'good/new.png'].sort();
    assert.deepEqual([subset, leftOut, pathsOf(scored)], ['test', 32, expected]);
    assert.equal((await evaluateModel({ artefact, data, subset: 'all' })).scored.length, 41);
  });

  it('takes no word of a test side that the model has learnt: SUBSET_LEARNT', async () => {
    const { data, split, artefact } = await makeTrained();
    const csv = join(tempDir(), 'swapped.csv');
    const rows = (side: 'train' | 'test', name: string) =>
      split[side].map(({ path, label }) => `${path},${label},${name}`);
    writeFileSync(csv, ['path,label,split', ...rows('train', 'test'), ...rows('test', 'train'), ''].join('\n'));
    await assert.rejects(evaluateModel({ artefact, data, split: csv }), {
      name: 'InputError',
      code: 'SUBSET_LEARNT',
      message: /tiny-1 learnt or chose by every one of the 26 pictures.*--subset val, train or all/,
    });
    assert.equal((await evaluateModel({ artefact, data, split: csv, subset: 'all' })).scored.length, 34);
    const { split: _, ...whole } = await makeTrained(0);
    await assert.rejects(evaluateModel(whole), { code: 'SUBSET_LEARNT' }, 'nothing was held out');
  });

  it('keeps a picture that a plan allowed on the test side and on another', async () => {
    const { data, split } = await makeTrained();
    const [twin] = split.test;
    assert.ok(twin !== undefined);
    const artefact = await makeTrainedOn({ ...split, train: [...split.train, { ...twin, path: 'x', split: 'train' }] });
    assert.equal((await evaluateModel({ artefact, data })).scored.length, split.test.length);
  });

  it('judges good pictures alone, and defects alone that the model knows: counts and limits, no ranking', async () => {
    const { 'good/1.png': one, 'good/2.png': two, 'defect/1.png': three } = REDS;
    const data = await makeReds({ 'good/1.png': one, 'good/2.png': two });
    const oneClass = {
      overkill: 0.05,
      heldOut: { pictures: 10, groups: 10, beyond: 0 },
      validation: { pictures: 5, rejected: 0 },
      patches: 100,
    };
    const artefact = await openArtefact((await makeArtefact({ card: { oneClass } })).dir);
    const { evaluation } = await evaluateModel({ artefact, data });
    assert.deepEqual(Figures.parse(evaluation), evaluation);
    const { auroc, aurocInterval, curve, atThreshold } = evaluation;
    assert.deepEqual([auroc, aurocInterval, curve], [null, null, []]);
    assert.deepEqual([atThreshold.fp, atThreshold.tn, atThreshold.overkill.value], [1, 1, 0.5]);
    const classifier = await openArtefact((await makeArtefact()).dir);
    const same = (await evaluateModel({ artefact: classifier, data })).evaluation;
    assert.deepEqual([same.auroc, same.atThreshold.fp, same.atThreshold.tn], [null, 1, 1]);
    const defects = await makeReds({ 'defect/1.png': three });
    const { tp, fn, missRate } = (await evaluateModel({ artefact: classifier, data: defects })).evaluation.atThreshold;
    assert.deepEqual([tp + fn, missRate.value], [1, fn]);
    const strange = await makeReds({ 'dent/1.png': three });
    const unknown = { code: 'LABEL_UNKNOWN', message: /found dent\..*names that the model knows: defect\./ };
    await assert.rejects(evaluateModel({ artefact: classifier, data: strange }), unknown);
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

  it('stops where a picture is another one than was read: DATA_CHANGED', async () => {
    const data = await makeReds(REDS);
    const artefact = await openArtefact((await makeArtefact()).dir);
    const { samples } = await verifyPictures(await readDataset({ dir: data }), { maxPixels: 1e6 });
    const place = { artefact, place: { runtime: 'onnx-cpu', precision: 'fp32' } } as const;
    writeFileSync(samples[1]?.file ?? '', await redPicture(77));
    const message = new RegExp(`^Picture ${samples[1]?.path} changed during the run: .* then start again\\.$`);
    await assert.rejects(judgePictures(samples, place), { code: 'DATA_CHANGED', message });
    const gone = samples.map(({ sha256: _, ...sample }) => ({ ...sample, file: `${sample.file}.gone` }));
    await assert.rejects(judgePictures(gone, place), { code: 'IMAGE_UNREADABLE', message: /5 of 5 .*ENOENT/ });
  });
});
