import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import type { Artefact } from '#model/artefact';
import { readDataset } from '#model/dataset/dataset';
import { verifyPictures } from '#model/dataset/pictures';
import { splitDataset } from '#model/dataset/split';
import { makeSurface } from '../../../../test/factories/surfaces.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { makeTrainedOn } from '../../../../test/factories/trained-on.js';
import { compareModels } from './compare-models.js';
import { evaluateModel } from './evaluate-model.js';

const SIDES = ['train', 'train', 'train', 'val', 'test', 'test'] as const;

/** Pictures by path. */
async function makePictures(pictures: Readonly<Record<string, Buffer>>, csv?: string): Promise<string> {
  const dir = tempDir();
  for (const [path, bytes] of Object.entries(pictures)) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  }
  if (csv !== undefined) writeFileSync(join(dir, 'split.csv'), csv);
  return dir;
}

/** A model of a few surfaces, one like it that keeps no thumbnails, and pictures of which it knows two. */
async function setUp(): Promise<{ model: Artefact; oblivious: Artefact; data: string }> {
  const own: Record<string, Buffer> = {};
  const rows = ['path,label,split'];
  for (const [i, side] of SIDES.entries())
    for (const label of ['good', 'defect']) {
      const path = `${label}/${i}.png`;
      own[path] = await makeSurface(10 * i + (label === 'good' ? 1 : 2));
      rows.push(`${path},${label},${side}`);
    }
  const dir = await makePictures(own, rows.join('\n'));
  const verified = await verifyPictures(await readDataset({ dir }), { maxPixels: 1e6 });
  const split = splitDataset(verified, { validationShare: 0.2, testShare: 0.2, seed: 1 });
  const model = await makeTrainedOn(split, { id: 'knows', thumbnails: verified.thumbnails });
  const oblivious = await makeTrainedOn(split, { id: 'of-before' });
  const [learnt, tested] = [sharp(own['good/0.png']), sharp(own['good/4.png'])];
  const fresh = {
    'good/again.jpg': await learnt.clone().flop().resize(80, 80).jpeg({ quality: 80 }).toBuffer(),
    'good/chosen-by.png': await sharp(own['good/3.png']).rotate(90).png().toBuffer(),
    'good/tested.jpg': await tested.jpeg().toBuffer(),
    'good/new.png': await makeSurface(201),
    'defect/new.png': await makeSurface(202),
  };
  return { model, oblivious, data: await makePictures(fresh) };
}

describe('pictures that a model knows in other bytes', () => {
  it('are doubted with their names, those of its test side and new ones are not', async () => {
    const { model, data } = await setUp();
    const { doubts, leftOut } = await evaluateModel({ artefact: model, data });
    assert.deepEqual(doubts, [
      '2 of 5 pictures show what knows learnt or chose by, in other bytes, so that figures on them flatter: good/again.jpg = good/0.png (train), mirrored, good/chosen-by.png = good/3.png (val), turned by 270',
    ]);
    assert.equal(leftOut, 0);
  });

  it('are doubted of each of two models that are compared', async () => {
    const { model, oblivious, data } = await setUp();
    const { comparison } = await compareModels({ a: oblivious, b: model, data });
    assert.deepEqual(
      comparison.doubts.map((words) => words.slice(0, 30)),
      ['2 of 5 pictures show what know'],
    );
  });

  it('are not looked for where every picture was asked for by name, and where the model is older than that', async () => {
    const { model, oblivious, data } = await setUp();
    assert.deepEqual((await evaluateModel({ artefact: model, data, subset: 'all' })).doubts, []);
    assert.deepEqual((await evaluateModel({ artefact: oblivious, data })).doubts, []);
  });
});
