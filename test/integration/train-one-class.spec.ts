import assert from 'node:assert/strict';
import { access, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { Report } from '#contracts';
import { openArtefact } from '#model/artefact';
import { openProven } from '#model/runtime/golden-check';
import { OnnxSession } from '#model/runtime/onnx-session';
import { openEvidence } from '#model/saliency';
import { Registry } from '#registry';
import { writeSampleDataset } from '../../apps/simulator/src/sample-data.js';
import { readPlan } from '../../apps/trainer/src/plan/read-plan.js';
import type { RunRequest } from '../../apps/trainer/src/run-request.js';
import { train } from '../../apps/trainer/src/train.js';
import { tempDir } from '../factories/tools.js';

describe('lineside train in one-class mode', () => {
  const dir = tempDir();
  const data = join(dir, 'data');

  before(() => writeSampleDataset(data, { seed: 5, count: 60, defectShare: 0.5 }));

  const run = async (name: string, { patches = 40, ...over }: Partial<RunRequest> & { patches?: number } = {}) =>
    train({
      data,
      plan: await readPlan(undefined, {
        mode: 'one-class',
        'oneClass.patches': String(patches),
        'resize.width': '64',
        'resize.height': '64',
        'precision.make': '[fp16]',
        'report.robustness': '0',
        'precision.allowance': '{ missed: 1000, overkill: 1 }',
      }),
      out: join(dir, name),
      registry: null,
      cacheDir: join(dir, 'cache'),
      weightsDir: join(dir, 'weights'),
      sinks: [],
      ...over,
    });

  it('makes a certified model that the line can open, and has figures where there are defects to measure', async () => {
    const card = await run('mixed');
    assert.deepEqual(card.labels, ['good', 'defect']);
    // So few sample parts come without a test side.
    assert.deepEqual([card.metrics.validation?.positives, card.metrics.test], [7, null]);
    const { session } = await openProven(join(dir, 'mixed'), { maxPixels: 1e6 });
    await session.close();
    const { modelId, subset, figures } = Report.parse(
      JSON.parse(await readFile(join(dir, 'mixed/report.json'), 'utf8')),
    );
    assert.deepEqual([modelId, subset, figures.auroc], [card.id, 'val', card.metrics.validation?.auroc]);
  });

  it('shows in its report what the limit was set for, and the patches that are unlike good ones', async () => {
    const page = await readFile(join(dir, 'mixed/report.html'), 'utf8');
    assert.match(page, /Wish:<\/b> reject at most 2\s% of the good parts\./);
    assert.match(page, /good training pictures, held out by \d+ groups, lie beyond it/);
    assert.doesNotMatch(page, /Grad-CAM/);
    const artefact = await openArtefact(join(dir, 'mixed'));
    const { featureMap, probabilities } = artefact.card.graph.outputs;
    const session = await OnnxSession.open(artefact.graphFiles.fp32, { outputs: [featureMap, probabilities] });
    const findEvidence = await openEvidence(artefact);
    const limits: number[] = [];
    for (const step of [37, 101]) {
      const data = Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => (step * i) % 251);
      const outputs = await session.run({ data, count: 1, width: 64, height: 64 });
      const map = outputs[featureMap]?.data ?? new Float32Array();
      const evidence = findEvidence?.({ featureMap: map, embedding: new Float32Array() }) ?? [];
      assert.equal(evidence.length, 4, 'a picture of 64 x 64 has four patches');
      const good = outputs[probabilities]?.data[0] ?? Number.NaN;
      // P(good) = limit / (limit + mean): the places together are what the score is made of.
      const mean = [...evidence].reduce((sum, value) => sum + value / 4, 0);
      limits.push((mean * good) / (1 - good));
    }
    await session.close();
    const [first = Number.NaN, second = Number.NaN] = limits;
    assert.ok(Math.abs(first / second - 1) < 0.01, `one limit, got ${limits}`);
  });

  it('remembers every patch there is where pictures have fewer than the plan asks for', async () => {
    const { oneClass, data } = await run('few', { patches: 5_000 });
    // A picture of 64 x 64 has four patches.
    assert.equal(oneClass?.patches, 4 * (data.pictures['train']?.['good'] ?? 0));
  });

  it('goes on after it ended between its card and the registry', async () => {
    const [registry, noRegistry] = [join(dir, 'registry'), tempDir()];
    await writeFile(join(noRegistry, 'holiday.jpg'), '');
    await assert.rejects(run('cut-off', { registry: noRegistry }), { code: 'REGISTRY_INVALID' });
    await access(join(dir, 'cut-off', 'card.json'));
    await assert.rejects(run('cut-off', { registry }), { code: 'OUT_TAKEN' });
    const { id } = await run('cut-off', { registry, isResumed: true });
    const { cards: stored } = await (await Registry.open(registry)).list();
    assert.deepEqual(
      stored.map((card) => card.id),
      [id],
    );
    await assert.rejects(run('cut-off', { registry, isResumed: true }), { code: 'OUT_TAKEN' }, 'its run is done');
  });

  it('needs no defect at all, and then claims overkill alone', async () => {
    for (const label of await readdir(data)) if (label !== 'good') await rm(join(data, label), { recursive: true });
    const card = await run('good-only');
    assert.deepEqual([card.metrics.validation, card.metrics.test], [null, null]);
    assert.equal(card.oneClass?.heldOut.beyond, 0);
    assert.ok((card.oneClass?.validation.pictures ?? 0) > 0);
  });
});
