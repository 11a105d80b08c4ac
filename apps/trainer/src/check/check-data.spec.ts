import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, mock } from 'node:test';
import sharp from 'sharp';
import { makeDataDir } from '../../../../test/factories/labelled-pictures.js';
import { makeSurface } from '../../../../test/factories/surfaces.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { readPlan } from '../plan/read-plan.js';
import { TrainLog } from '../train-log.js';
import { checkData } from './check-data.js';
import { whyRefused } from './why-refused.js';

/** Forty surfaces: 38 is 1 mirrored, in test; 39 is 0 with the other label; 5 is blurred; one file is no picture. */
async function makeDoubtful(): Promise<{ data: string; scores: string }> {
  const data = await makeDataDir([], { 'good/broken.png': 'no picture', 'defect/x.txt': '' });
  const rows = ['path,label,split,camera,capturedAt', 'good/broken.png,good,train,left,2026-01-01'];
  const scores = ['path,label,score,fold'];
  for (let i = 0; i < 40; i += 1) {
    const label = i % 2 === 0 || i === 38 ? 'good' : 'defect';
    const picture = sharp(await makeSurface(i === 38 ? 0 : i === 39 ? 2 : i));
    if (i === 38) picture.flop();
    if (i === 5) picture.blur(4);
    const path = `${label}/${i}.jpg`;
    writeFileSync(join(data, path), await picture.jpeg({ quality: i === 39 ? 60 : 90 }).toBuffer());
    const split = i === 38 ? 'test' : i >= 30 && i !== 39 ? 'val' : 'train';
    rows.push(`${path},${label},${split},${i % 4 < 2 ? 'left' : 'right'},2026-01-0${1 + (i % 3)}T08:00:00Z`);
    scores.push(`${path},${label},${i === 8 ? 0.99 : label === 'good' ? 0.1 : 0.9},${i % 5}`);
  }
  rows.push('defect/37b.jpg,defect,test,left,2026-01-01');
  writeFileSync(
    join(data, 'defect/37b.jpg'),
    await sharp(await makeSurface(77))
      .jpeg()
      .toBuffer(),
  );
  writeFileSync(join(data, 'split.csv'), `${rows.join('\n')}\n`);
  writeFileSync(join(data, 'scores.csv'), `${scores.join('\n')}\n`);
  return { data, scores: join(data, 'scores.csv') };
}

describe('data check', () => {
  it('lists copies, leaks, conflicts, blurred, mislabelled and broken pictures, and shows them on one page', async () => {
    const { data, scores } = await makeDoubtful();
    const out = join(tempDir(), 'check');
    const request = { data, scores, out, plan: await readPlan(undefined), cacheDir: out, weightsDir: out };
    const check = await checkData(request, new TrainLog([]));
    assert.deepEqual(JSON.parse(readFileSync(join(out, 'check.json'), 'utf8')), check);
    const pairs = (list: typeof check.leaks) => list.map((pair) => [pair.first.path, pair.second.path, pair.how]);
    assert.deepEqual(pairs(check.leaks), [['good/0.jpg', 'good/38.jpg', 'mirrored']]);
    assert.deepEqual(pairs(check.conflicts), [['defect/39.jpg', 'good/2.jpg', 'as it is']]);
    assert.equal(check.outliers[0]?.path, 'defect/5.jpg');
    assert.match(check.outliers[0]?.what ?? '', /^blurred/);
    assert.deepEqual(
      check.suspects.map(({ path }) => path),
      ['good/8.jpg'],
    );
    assert.deepEqual(
      check.unreadable.map(({ path }) => path),
      ['good/broken.png'],
    );
    assert.equal(whyRefused(check, { leaks: 'refuse' }), '1 file cannot be taken; 1 pair on two sides');
    const equal = check.conflicts.map((pair) => ({ ...pair, how: 'byte for byte' }));
    const otherwise = { ...check, unreadable: [], conflicts: equal };
    assert.equal(whyRefused(otherwise, { leaks: 'allow' }), '1 pair of equal bytes under two labels');
    assert.equal(whyRefused({ ...check, unreadable: [] }, { leaks: 'allow' }), null);
    assert.deepEqual(Object.keys(check.counts), ['side', 'day', 'camera']);
    assert.deepEqual(check.counts['side']?.['test'], { good: 1, defect: 1 });

    const page = readFileSync(join(out, 'index.html'), 'utf8');
    for (const path of ['good/38.jpg', 'defect/39.jpg', 'defect/5.jpg', 'good/8.jpg', 'good/broken.png']) {
      assert.ok(page.includes(path), path);
    }
    assert.match(page, /<b>1<\/b><span>pair on two sides/);
    assert.doesNotMatch(page, /(src|href)="(?!data:)/);
  });

  it('asks probes of its own where no scores are given, and no library says a word meanwhile', async () => {
    const { data } = await makeDoubtful();
    const out = tempDir();
    const plan = await readPlan(undefined, { resize: '{ width: 32, height: 32 }' });
    const warned = mock.method(console, 'warn', () => undefined);
    const request = { data, scores: null, out, plan, cacheDir: join(out, 'cache'), weightsDir: join(out, 'weights') };
    const { agreement, unasked } = await checkData(request, new TrainLog([]));
    assert.equal(unasked, null);
    assert.ok(agreement !== null && agreement > 0.5, `${agreement}`);
    assert.deepEqual(
      warned.mock.calls.map(({ arguments: [words] }) => words),
      [],
    );
    warned.mock.restore();
  });

  it('reads groups by the column of the plan, as training does: GROUP_OVERLAP', async () => {
    const { data, scores } = await makeDoubtful();
    const out = tempDir();
    const plan = await readPlan(undefined, { splitBy: 'camera' });
    const request = { data, scores, out, plan, cacheDir: out, weightsDir: out };
    await assert.rejects(checkData(request, new TrainLog([])), {
      code: 'GROUP_OVERLAP',
      message: /group left \(test\+train\+val\)/,
    });
  });

  it('says what tells defects without a look at the part, on the page too: here the camera', async () => {
    const { data, scores } = await makeDoubtful();
    const rows = readFileSync(join(data, 'split.csv'), 'utf8').replaceAll(
      /,(good|defect),(\w+),(left|right),/g,
      (_, label, side) => `,${label},${side},${label === 'good' ? 'left' : 'right'},`,
    );
    writeFileSync(join(data, 'split.csv'), rows);
    const out = tempDir();
    const request = { data, scores, out, plan: await readPlan(undefined), cacheDir: out, weightsDir: out };
    const { shortcuts } = await checkData(request, new TrainLog([]));
    assert.match(
      shortcuts.join('\n'),
      /^camera alone tells defects from good pictures: 21 of 21 defects are of right, and 0 of 20 .*$/,
    );
    assert.match(readFileSync(join(out, 'index.html'), 'utf8'), /camera alone tells defects/);
  });

  it('says what training would refuse of the sides: a class of which no picture is left to learn from', async () => {
    const { data, scores } = await makeDoubtful();
    const rows = readFileSync(join(data, 'split.csv'), 'utf8').replace('defect/35.jpg,defect', 'defect/35.jpg,crack');
    writeFileSync(join(data, 'split.csv'), rows);
    const out = tempDir();
    const request = { data, scores, out, plan: await readPlan(undefined), cacheDir: out, weightsDir: out };
    const check = await checkData(request, new TrainLog([]));
    assert.match(
      whyRefused(check, request.plan) ?? '',
      /no picture of crack \(1 picture in 1 group\) is left to learn from/,
    );
    assert.equal(check.leaks.length, 1, 'the sides are looked at all the same');
  });

  it('takes good pictures alone where the plan is one of a one-class model', async () => {
    const { data, scores } = await makeDoubtful();
    const rows = readFileSync(join(data, 'split.csv'), 'utf8').split('\n');
    const good = rows.filter((row) => !row.includes(',defect,') && !row.includes('broken'));
    writeFileSync(join(data, 'good.csv'), `${good.join('\n')}\n`);
    const out = tempDir();
    const plan = await readPlan(undefined, { mode: 'one-class' });
    const request = { data, split: join(data, 'good.csv'), scores, out, plan, cacheDir: out, weightsDir: out };
    const { unsplittable, pictures } = await checkData(request, new TrainLog([]));
    assert.deepEqual([unsplittable, pictures], [null, 20]);
  });

  it('refuses scores that fit no picture: SCORES_INVALID', async () => {
    const { data } = await makeDoubtful();
    const out = tempDir();
    const plan = await readPlan(undefined);
    for (const [text, message] of [
      ['path,label,score,fold\nelse.jpg,good,0.5,1\n', /scores no picture of the data/],
      ['path,score,fold\ngood/0.jpg,seven,1\n', /`\[0\]\.score`: expected a number/],
      ['path,label,score\ngood/0.jpg,good,0.1\n', /`\[0\]\.fold` is missing/],
    ] as const) {
      const scores = join(out, 'scores.csv');
      writeFileSync(scores, text);
      const request = { data, scores, out, plan, cacheDir: out, weightsDir: out };
      await assert.rejects(checkData(request, new TrainLog([])), {
        name: 'InputError',
        code: 'SCORES_INVALID',
        message,
      });
    }
  });
});
