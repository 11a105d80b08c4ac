import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../../../../test/factories/tools.js';
import { Plan } from '../plan/plan.js';
import { listCandidates, listTrials } from './candidates.js';
import { readSweepFile } from './sweep-file.js';
import { tryPlan } from './trial.js';

const READY = new URL('../../../../../config/sweeps/', import.meta.url);

async function sourceOf(yaml: string) {
  const file = join(tempDir(), 'sweep.yaml');
  writeFileSync(file, yaml);
  return { file, sweep: await readSweepFile(file), weightsDir: join(tempDir(), 'weights') };
}

describe('a sweep file', () => {
  it('names every problem of its own at once', async () => {
    const yaml = 'title: t\nseeds: [1, 1]\ncolour: red\nover: { seed: [1, 2] }\nhalving: { from: 3, to: 2 }\n';
    await assert.rejects(sourceOf(yaml), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'SWEEP_INVALID');
      for (const word of ['colour', 'halving']) assert.match(error.message, new RegExp(word));
      return true;
    });
    const twice =
      'title: t\nseeds: [1, 1]\nover: { seed: [1, 2] }\ncases: [{ name: a, set: {} }, { name: a, set: {} }]\n';
    await assert.rejects(sourceOf(twice), {
      code: 'SWEEP_INVALID',
      message: /two cases are called a.*seed 1 is listed twice.*seed is set by the sweep itself/s,
    });
    await assert.rejects(sourceOf('title: t\nover: { validationShare: [0.1, 0.3] }\n'), {
      code: 'SWEEP_INVALID',
      message: /validationShare says which pictures validate, it cannot be varied/,
    });
    await assert.rejects(sourceOf('title: t\n'), { code: 'SWEEP_INVALID', message: /nothing to try/ });
    await assert.rejects(readSweepFile('/nowhere.yaml'), { code: 'SWEEP_UNREADABLE' });
  });

  it('names every candidate that no plan allows, before anything is trained', async () => {
    const source = await sourceOf(
      'title: t\nover: { fineTune.rate: [7, 0.001], fineTune.freeze: [block9z, block7a] }\n',
    );
    await assert.rejects(listCandidates(source), {
      code: 'SWEEP_INVALID',
      message: /`fineTune\.rate`: expected at most 0.1, got 7 \(fineTune\.rate 7, .*\).*block9z/s,
    });
  });

  it('is refused where it would train classifiers in the name of one-class models', async () => {
    const source = await sourceOf('title: t\nplan: { mode: one-class }\nover: { oneClass.patches: [100, 500] }\n');
    await assert.rejects(listCandidates(source), { code: 'SWEEP_INVALID', message: /the plan says mode: one-class/ });
    const plan = Plan.parse({ mode: 'one-class' });
    const alone = { plan, data: '', out: '', cacheDir: '', weightsDir: '', sinks: [] };
    await assert.rejects(tryPlan(alone), { name: 'InputError', code: 'TRIAL_ONE_CLASS' });
  });

  for (const name of readdirSync(READY)) {
    it(`${name} of the product can be run as it is`, async () => {
      const file = new URL(name, READY).pathname;
      const candidates = await listCandidates({
        file,
        sweep: await readSweepFile(file),
        weightsDir: join(tempDir(), 'w'),
      });
      assert.ok(candidates.length >= 3);
    });
  }
});

describe('the candidates of a sweep', () => {
  it('are every combination, of every case', async () => {
    const cases = 'cases: [{ name: small, set: { batch: 8 } }, { name: large, set: { batch: 64 } }]\n';
    const source = await sourceOf(`title: t\nover: { head.dropout: [0, 0.5] }\n${cases}`);
    const candidates = await listCandidates(source);
    assert.deepEqual(
      candidates.map(({ name }) => name),
      ['small, head.dropout 0', 'small, head.dropout 0.5', 'large, head.dropout 0', 'large, head.dropout 0.5'],
    );
    assert.deepEqual(candidates[3]?.settings, { batch: 64, 'head.dropout': 0.5 });
  });

  it('are skipped where weights are missing, with what to import', async () => {
    const cases =
      'cases: [{ name: own, set: { batch: 8 } }, { name: other, set: { weights: vgg16 }, needs: import vgg16 }]';
    const [own, other] = await listCandidates(await sourceOf(`title: t\n${cases}\n`));
    assert.equal(own?.skipped, null);
    assert.match(other?.skipped ?? '', /Import them: import vgg16/);
    const deep = await listCandidates(await sourceOf('title: t\nover: { fineTune.freeze: [50, 150] }\n'));
    assert.deepEqual(
      deep.map(({ skipped }) => skipped?.includes('expected 0 to 141 layers') ?? false),
      [false, true],
      'Lite0 has no 150 layers',
    );
    await assert.rejects(listCandidates(await sourceOf('title: t\nover: { weights: [a, b] }\n')), {
      code: 'SWEEP_EMPTY',
      message: /No weights named a/,
    });
  });

  it('are trained with every seed, by plans that differ in nothing else', async () => {
    const source = await sourceOf(
      'title: t\nplan: { fineTune: { epochs: 2 } }\nover: { batch: [8, 16] }\nseeds: [4, 5]\n',
    );
    const candidates = await listCandidates(source);
    const data = { data: 'parts' };
    const trials = await listTrials(candidates, { source: { ...source, set: { workers: '1' } }, data, effort: null });
    assert.deepEqual(
      trials.map(({ seed, plan }) => [seed, plan.seed, plan.batch, plan.fineTune.epochs, plan.workers]),
      [
        [4, 4, 8, 2, 1],
        [4, 4, 16, 2, 1],
        [5, 5, 8, 2, 1],
        [5, 5, 16, 2, 1],
      ],
    );
    assert.equal(new Set(trials.map(({ id }) => id)).size, 4);
    const other = await listTrials(candidates, { source, data: { data: 'other' }, effort: null });
    assert.notEqual(other[0]?.id, trials[0]?.id);
  });
});
