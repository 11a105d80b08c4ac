import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { Report } from '#contracts';
import { openArtefact } from '#model/artefact';
import { acceptedPrecisions, type ModelCard, PRECISIONS } from '#model/card';
import { openProven } from '#model/runtime/golden-check';
import { Registry } from '#registry';
import { writeSampleDataset } from '../../apps/simulator/src/sample-data.js';
import { moveThreshold } from '../../apps/trainer/src/move-threshold.js';
import { readPlan } from '../../apps/trainer/src/plan/read-plan.js';
import { train } from '../../apps/trainer/src/train.js';
import { makeArtefact } from '../factories/artefact.js';
import { runLineside } from '../factories/lineside.js';
import { tempDir } from '../factories/tools.js';

// The head alone at 64 pixels: a network that errs, so that thresholds differ.
const SMALL = {
  resize: '{ width: 64, height: 64, policy: squash, kernel: linear }',
  'features.epochs': '3',
  'fineTune.epochs': '0',
  'precision.allowance': '{ missed: 1000, overkill: 1 }',
  'report.robustness': '0',
  backend: 'wasm',
  workers: '2',
};
const WISH = { 'operatingPoint.rejectAtMost': '0.2' };

describe('lineside threshold', () => {
  const dir = tempDir();
  const [data, registry] = [join(dir, 'data'), join(dir, 'registry')];
  let old: ModelCard;

  const trained = async (name: string, settings: Record<string, string>) =>
    train({
      data,
      plan: await readPlan(undefined, { ...SMALL, ...settings }),
      out: join(dir, name),
      registry: name === 'old' ? registry : null,
      cacheDir: join(dir, 'cache'),
      weightsDir: join(dir, 'weights'),
      sinks: [],
    });
  const move = async (settings: Record<string, string>, { out = 'new', pictures = data } = {}) =>
    moveThreshold({
      artefact: await openArtefact(join(dir, 'old')),
      ...{ data: pictures, settings, out: join(dir, out), registry, sinks: [] },
    });

  before(async () => {
    await writeSampleDataset(data, { seed: 5, count: 100, defectShare: 0.5 });
    old = await trained('old', {});
  });

  it('shows what a wish would mean and writes nothing', async () => {
    const wish = Object.entries(WISH).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const where = ['--model', old.id, '--registry', registry, '--data', data];
    const { exitCode, stdout, stderr } = await runLineside(['threshold', ...where, ...wish]);
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /^threshold .*Wish: reject at most 20 % .*Held-out test: .*one-sided 95 % limits/m);
    assert.match(stdout, /^validation overkill +\d+ of 14 +[0-2] of 14\n.*^Nothing was written/ms);
    assert.deepEqual((await (await Registry.open(registry)).list()).cards, [old]);
  });

  it('makes the model that training with that wish would have made, of the same weights', async () => {
    const { card } = await move(WISH);
    assert.ok(card !== null);
    assert.notEqual(card.operatingPoint.threshold, old.operatingPoint.threshold);
    assert.deepEqual([card.weightsSha256, card.derivedFrom], [old.weightsSha256, old.id]);
    assert.deepEqual(lasting(card), lasting(await trained('again', WISH)));
    const report = Report.parse(JSON.parse(await readFile(join(dir, 'new/report.json'), 'utf8')));
    assert.deepEqual([report.modelId, report.figures.atThreshold], [card.id, card.metrics.test?.atThreshold]);

    const store = await Registry.open(registry);
    assert.deepEqual((await store.list()).cards, [card, old]);
    assert.equal(await store.active('chip'), null);
    assert.deepEqual((await openArtefact(join(dir, 'old'))).card, old);
    for (const { precision } of acceptedPrecisions(card)) {
      const { session } = await openProven(store.path(card.id), { precision, maxPixels: 1e6 });
      await session.close();
    }
    assert.equal(acceptedPrecisions(card).length, PRECISIONS.length);
  });

  it('doubts what its training doubted of the weights, and says of the threshold what is true of the new one', async () => {
    const artefact = await openArtefact(join(dir, 'old'));
    const doubts: ModelCard['doubts'] = [
      { about: 'learnt', words: 'mirror may not keep the label' },
      { about: 'threshold', words: 'the old threshold rejects everything' },
    ];
    const said: string[] = [];
    await moveThreshold({
      artefact: { ...artefact, card: { ...artefact.card, doubts } },
      ...{ data, settings: WISH, out: null, registry: null },
      sinks: [(event) => event.event === 'step' && event.step === 'doubt' && said.push(event.text)],
    });
    const words = artefact.card.doubts?.flatMap((one) => (one.about === 'data' ? [one.words] : [])) ?? [];
    assert.deepEqual(said.slice(0, words.length + 1), [...words, 'mirror may not keep the label']);
    assert.ok(!said.includes('the old threshold rejects everything'));
  });

  it('refuses a claim that validation is too small for: CLAIM_SAMPLE', async () => {
    const refused = { name: 'RefusedError', code: 'CLAIM_SAMPLE', message: /needs 598 .*there are 6\./ };
    await assert.rejects(move({ 'operatingPoint.missAtMost': '0.005' }, { out: 'claim' }), refused);
    await assert.rejects(openArtefact(join(dir, 'claim')), { code: 'MODEL_MISSING' });
  });

  it('refuses pictures that changed since: DATA_CHANGED', async () => {
    const pictures = join(dir, 'changed');
    await cp(data, pictures, { recursive: true });
    const rows = (await readFile(join(dir, 'old/data.csv'), 'utf8')).split('\n').map((row) => row.split(','));
    const [path = ''] = rows.find(([, , side]) => side === 'val') ?? [];
    // A picture may end in bytes that decoders ignore: the same to see, and yet another file.
    await writeFile(join(pictures, path), Buffer.concat([await readFile(join(pictures, path)), Buffer.from('!')]));
    const message = new RegExp(`^1 of 100 pictures are not those .*: ${path}\\.`);
    await assert.rejects(move(WISH, { out: 'other', pictures }), { name: 'InputError', code: 'DATA_CHANGED', message });
  });

  it('refuses another directory, where none of its pictures are: DATA_CHANGED', async () => {
    const pictures = join(dir, 'elsewhere');
    await cp(join(data, 'good'), join(pictures, 'good'), { recursive: true });
    const message = /^Pictures that model .* are gone: .* of 100 pictures that are not in .*\. Name the directory/;
    await assert.rejects(move(WISH, { out: 'other', pictures }), { name: 'InputError', code: 'DATA_CHANGED', message });
  });

  it('makes no model among class folders, where it would be a class at the next training: OUT_IN_DATA', async () => {
    const pictures = join(dir, 'folders');
    await cp(data, pictures, { recursive: true, filter: (path) => !path.endsWith('.csv') });
    await assert.rejects(move(WISH, { out: 'folders/moved', pictures }), { name: 'InputError', code: 'OUT_IN_DATA' });
    assert.equal(existsSync(join(pictures, 'moved')), false);
  });

  it('never writes over a model: OUT_TAKEN', async () => {
    await assert.rejects(move(WISH, { out: 'old' }), { name: 'InputError', code: 'OUT_TAKEN' });
    assert.deepEqual((await openArtefact(join(dir, 'old'))).card, old);
  });

  it('refuses a model of good pictures alone: THRESHOLD_ONE_CLASS', async () => {
    const heldOut = { pictures: 40, groups: 40, beyond: 0 };
    const oneClass = { overkill: 0.02, heldOut, validation: { pictures: 10, rejected: 0 }, patches: 40 };
    const artefact = await openArtefact((await makeArtefact({ card: { oneClass } })).dir);
    const request = { artefact, data, settings: WISH, out: null, registry: null, sinks: [] };
    await assert.rejects(moveThreshold(request), { name: 'InputError', code: 'THRESHOLD_ONE_CLASS' });
  });
});

/** What of a card does not hang on when, where and from what it was made. */
function lasting({ id: _, createdTs: __, derivedFrom: ___, precisions, files, ...card }: ModelCard): unknown {
  return {
    ...card,
    files: { ...files, 'learning.jsonl': null },
    precisions: precisions.map((entry) => ({ ...entry, msPerPicture: 0 })),
  };
}
