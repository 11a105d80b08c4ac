import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { Evaluation } from '#contracts';
import { openArtefact } from '#model/artefact';
import { ModelCard } from '#model/card';
import { Registry } from '#registry';
import { redPicture } from '../factories/artefact.js';
import { runLineside } from '../factories/lineside.js';
import { tempDir } from '../factories/tools.js';

/** As small as a training gets: pictures of 64 pixels, the head alone, three epochs. */
const QUICK = [
  'preset=fast',
  'features.epochs=3',
  'resize={width: 64, height: 64, policy: squash, kernel: linear}',
  'backend=wasm',
].flatMap((setting) => ['--set', setting]);

/** Dark parts are good, red ones defects: 48 pictures, two to a part. */
async function makeParts(): Promise<string> {
  const dir = tempDir();
  const rows = ['path,label,part'];
  for (let i = 0; i < 48; i += 1) {
    const label = i % 4 < 2 ? 'good' : 'defect';
    const path = `${label}/${i}.png`;
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), await redPicture(label === 'good' ? i : 255 - i, { width: 64, height: 64 }));
    rows.push(`${path},${label},part${Math.floor(i / 2)}`);
  }
  writeFileSync(join(dir, 'split.csv'), `${rows.join('\n')}\n`);
  return dir;
}

/** Every picture but those of the test side was judged once, and no part was learnt from and judged in one fold. */
function assertFolds(data: string, out: string): void {
  const rowsOf = (file: string) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => row.split(','));
  const partOf = new Map(rowsOf(join(data, 'split.csv')).map(([path = '', , part = '']) => [path, part]));
  const foldsOf = new Map<string, Set<string>>();
  const rows = rowsOf(join(out, 'folds.csv'));
  for (const [path = '', label = '', score, fold = ''] of rows) {
    assert.ok(path.startsWith(label) && Number(score) >= 0 && Number(score) <= 1, path);
    const part = partOf.get(path) ?? '';
    foldsOf.set(part, (foldsOf.get(part) ?? new Set()).add(fold));
  }
  assert.ok(rows.length > 30 && new Set(rows.map(([path]) => path)).size === rows.length);
  assert.ok([...foldsOf.values()].every(({ size }) => size === 1));
  const report = JSON.parse(readFileSync(join(out, 'folds.json'), 'utf8'));
  assert.equal(report.folds.length, 2);
  for (const figure of ['auroc', 'averagePrecision', 'maxF1', 'overkillAtRecall95']) {
    const [one, other] = report.folds.map((fold: Record<string, number>) => fold[figure]);
    assert.ok(Math.abs(report.mean[figure] - (one + other) / 2) < 1e-12, figure);
    assert.ok(Math.abs(report.spread[figure] - Math.abs(one - other) / Math.SQRT2) < 1e-12, figure);
  }
}

describe('lineside train, evaluate and promote', () => {
  it('leads a person from labelled pictures to a promoted model', async () => {
    const data = await makeParts();
    const dir = tempDir();
    const [out, registry, report] = [join(dir, 'out'), join(dir, 'registry'), join(dir, 'report.json')];
    const into = ['--out', out, '--registry', registry, '--cache', join(dir, 'cache'), '--json', report];
    const { exitCode, stderr } = await runLineside(['train', '--data', data, ...into, ...QUICK, '--folds', '2']);
    assert.equal(exitCode, 0, stderr);
    assertFolds(data, out);
    assert.match(stderr, /^dataset +48 pictures: .*^features +epoch 3\/3: .*^certify +.*^done +/ms);
    const card = ModelCard.parse(JSON.parse(readFileSync(report, 'utf8')));
    assert.deepEqual((await openArtefact(out)).card, card);

    const figures = join(dir, 'figures.json');
    const where = ['--registry', registry, '--data', data, '--json', figures];
    const judged = await runLineside(['evaluate', '--model', card.id, ...where]);
    assert.equal(judged.exitCode, 0, judged.stderr);
    assert.match(judged.stdout, new RegExp(`^${card.id} on test `));
    assert.deepEqual(Evaluation.parse(JSON.parse(readFileSync(figures, 'utf8'))), card.metrics.test);

    const doubts = card.doubts?.map(({ words }) => words) ?? [];
    assert.deepEqual(
      [...stderr.matchAll(/^doubt +(.*)$/gm)].map(([, words]) => words),
      doubts,
    );
    assert.match(doubts.join(), /train has \d+ defect pictures: with so few, chance decides/);
    const [page, figuresOfRun] = ['report.html', 'report.json'].map((file) => readFileSync(join(out, file), 'utf8'));
    assert.deepEqual(JSON.parse(figuresOfRun ?? '').doubts, { training: doubts, pictures: [] });
    for (const words of doubts) assert.ok(page?.includes(words.slice(0, 30)), words);

    const weighed = await runLineside(['promote', card.id, '--registry', registry]);
    assert.equal(weighed.exitCode, 0, weighed.stderr);
    for (const words of doubts) assert.ok(weighed.stdout.includes(`Doubted by its training: ${words}.`), words);
    assert.match(weighed.stdout, /^Nothing was promoted\. /m);
    assert.equal(await (await Registry.open(registry)).active('chip'), null);

    const promoted = await runLineside(['promote', card.id, '--by', 'Ada', '--registry', registry]);
    assert.equal(promoted.exitCode, 0, promoted.stderr);
    assert.equal((await (await Registry.open(registry)).active('chip'))?.modelId, card.id);
  });

  it('says where no run has begun that could go on, and makes nothing: RESUME_NOTHING', async () => {
    const out = join(tempDir(), 'run');
    const { exitCode, stderr } = await runLineside(['train', '--data', await makeParts(), '--out', out, '--resume']);
    assert.equal(exitCode, 1);
    assert.match(stderr, /^error RESUME_NOTHING: No run has begun in .*Train without --resume\.$/m);
    assert.equal(existsSync(out), false);
  });

  it('makes no model of data it refuses, no folder and no registry', async () => {
    const dir = tempDir();
    const data = await makeParts();
    const rows = readFileSync(join(data, 'split.csv'), 'utf8').replace('path,label,part', 'path,label,group');
    writeFileSync(join(data, 'split.csv'), rows.replaceAll(/part\d+$/gm, 'one'));
    const registry = join(dir, 'registry');
    const into = ['--out', join(dir, 'out'), '--registry', registry, '--cache', join(dir, 'cache')];
    const args = ['train', '--data', data, ...into, ...QUICK];
    const { exitCode, stderr } = await runLineside(args);
    assert.equal(exitCode, 1);
    assert.match(stderr, /^error TOO_FEW: /);
    const slip = await runLineside(['train', '--trial', '--data', join(dir, 'slip'), ...into.slice(0, 2), ...QUICK]);
    assert.match(slip.stderr, /^error DATA_MISSING: .*slip/);
    assert.deepEqual(readdirSync(dir), []);
  });
});
