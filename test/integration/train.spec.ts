import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { io, type Tensor, tensor4d } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { Evaluation, Report, type TrainEvent } from '#contracts';
import { openArtefact } from '#model/artefact';
import { acceptedPrecisions, type ModelCard, PRECISIONS } from '#model/card';
import { preparePicture } from '#model/preprocess/preprocess';
import { openProven } from '#model/runtime/golden-check';
import { Registry } from '#registry';
import { writeSampleDataset } from '../../apps/simulator/src/sample-data.js';
import { evaluateModel } from '../../apps/trainer/src/judge/evaluate-model.js';
import { readLearning } from '../../apps/trainer/src/learning.js';
import type { Plan } from '../../apps/trainer/src/plan/plan.js';
import { readPlan } from '../../apps/trainer/src/plan/read-plan.js';
import { train } from '../../apps/trainer/src/train.js';
import { tempDir } from '../factories/tools.js';

// Lite0 at 64 pixels with its last block open: the whole road in seconds. Its quality is nobody's concern.
const SMALL = {
  resize: '{ width: 64, height: 64, policy: squash, kernel: linear }',
  'features.epochs': '8',
  'fineTune.freeze': 'block7a',
  'fineTune.epochs': '1',
  'report.robustness': '4',
  'precision.allowance': '{ missed: 1000, overkill: 1 }',
  backend: 'wasm',
  workers: '2',
};

/** For runs that are only compared by their weights. */
const WEIGHTS_ALONE = { 'report.write': 'false', 'precision.make': '[]' };

describe('lineside train', () => {
  const dir = tempDir();
  const data = join(dir, 'data');
  const registry = join(dir, 'registry');
  const places = { data, registry, cacheDir: join(dir, 'cache'), weightsDir: join(dir, 'weights') };

  let first: Awaited<ReturnType<typeof run>>;

  before(async () => {
    await writeSampleDataset(data, { seed: 5, count: 100, defectShare: 0.5 });
    first = await run('first');
  });

  async function run(name: string, settings: Record<string, string> = {}) {
    const events: TrainEvent[] = [];
    const plan = await readPlan(undefined, { ...SMALL, ...settings });
    const out = join(dir, name);
    const card = await train({ ...places, plan, out, sinks: [(event) => events.push(event)] });
    return { card, out, events };
  }
  const said = (events: TrainEvent[], step: string) =>
    events.flatMap((event) => (event.event === 'step' && event.step === step ? [event.text] : [])).join();

  it('leads from labelled pictures to a certified model in the registry, and repeats bit for bit', async () => {
    assert.match(said(first.events, 'features'), / 0 from the cache/);
    assert.equal((await (await Registry.open(registry)).card(first.card.id)).id, first.card.id);
    const certification = first.card.precisions[0]?.certification;
    assert.ok(certification !== undefined && certification.maxDifference <= 1e-4 && certification.flips === 0);
    assert.equal(await (await Registry.open(registry)).active('chip'), null, 'nothing goes live by itself');
    assert.match(said(first.events, 'calibrate'), /^temperature|^scores stay as they are/);
    assert.equal(first.card.calibration?.pictures, 20);

    const { words = '', reached } = first.card.operatingReason ?? {};
    assert.match(
      words,
      /^Wish: least expected cost: an escape costs 10.*Validation.*Held-out test: \d+ of \d+ defects/,
    );
    assert.equal(reached?.test?.missed, first.card.metrics.test?.atThreshold.fn);

    await assert.rejects(run('first', WEIGHTS_ALONE), { name: 'InputError', code: 'OUT_TAKEN' });
    const again = await run('again', WEIGHTS_ALONE);
    assert.match(said(again.events, 'features'), /80 pictures .* 80 from the cache/);
    assert.equal(again.card.weightsSha256, first.card.weightsSha256);
    assert.notEqual((await run('other', { ...WEIGHTS_ALONE, seed: '2' })).card.weightsSha256, first.card.weightsSha256);

    await assertSameFigures(first);
    await assertReported(first);
    await assertTfjsAgrees(first);
  });

  it('keeps fp16 and int8 within the allowance: files, golden scores, proof, hashes', async () => {
    const { out, card } = first;
    assert.deepEqual(
      card.precisions.map(({ precision, accepted }) => [precision, accepted]),
      PRECISIONS.map((precision) => [precision, true]),
    );
    assert.ok(card.golden.length > 0);
    for (const { precision, file } of acceptedPrecisions(card)) {
      assert.ok(existsSync(join(out, file)) && file in card.files, file);
      for (const { scores } of card.golden) assert.equal(typeof scores[precision], 'number');
      const { session } = await openProven(out, { precision, maxPixels: 1e6 });
      await session.close();
    }
    for (const file of ['model.fp16.onnx', 'model.int8.onnx']) {
      const bytes = await readFile(join(out, file));
      await writeFile(join(out, file), bytes.subarray(0, -1));
      await assert.rejects(openProven(out, { maxPixels: 1e6 }), { code: 'MODEL_HASH', message: new RegExp(file) });
      await writeFile(join(out, file), bytes);
    }
    await openArtefact(out);
  });

  it('leaves no folder behind where what the plan names is not there', async () => {
    const plan = await readPlan(undefined, SMALL);
    const out = join(dir, 'failed');
    const tryTrain = (wrong: Partial<Plan>) => train({ ...places, plan: { ...plan, ...wrong }, out, sinks: [] });
    const fineTune = { ...plan.fineTune, freeze: 'block9z' };
    await assert.rejects(tryTrain({ fineTune }), { code: 'PLAN_FREEZE', message: /block9z.*block7a/ });
    await assert.rejects(tryTrain({ weights: 'plant' }), { code: 'WEIGHTS_UNKNOWN' });
    await assert.rejects(tryTrain({ weights: 'plant', mode: 'one-class' }), { code: 'WEIGHTS_UNKNOWN' });
    assert.equal(existsSync(out), false);
  });

  it('refuses a claim that validation is too small for, before anything is trained', async () => {
    const refused = run('refused', { 'operatingPoint.missAtMost': '0.005' });
    await assert.rejects(refused, { name: 'RefusedError', code: 'CLAIM_SAMPLE', message: /needs 598 .*there are 6\./ });
    const events = await readFile(join(dir, 'refused/metrics.jsonl'), 'utf8');
    assert.match(events, /"step":"dataset".*\n(.*"step":"(doubt|check)".*\n)*.*"failed","code":"CLAIM_SAMPLE"/);
    assert.doesNotMatch(events, /"step":"features"/);
  });

  /** What `lineside evaluate` finds is what the card says. */
  async function assertSameFigures({ out, card }: { out: string; card: ModelCard }): Promise<void> {
    const { evaluation } = await evaluateModel({ artefact: await openArtefact(out), data, subset: 'test' });
    assert.deepEqual(Evaluation.parse(evaluation), card.metrics.test);
  }

  /** The report tells the same figures, how the run learnt, and which pictures were hardest. */
  async function assertReported({ out, card }: { out: string; card: ModelCard }): Promise<void> {
    const report = Report.parse(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')));
    assert.deepEqual(Evaluation.parse(report.figures), card.metrics.test);
    assert.deepEqual([report.epochs.length, report.robustness?.conditions.length], [9, 17]);
    // In a registry too, which the run's own folder is no part of.
    const { epochs, kept } = await readLearning((await Registry.open(registry)).path(card.id));
    assert.deepEqual({ epochs, kept }, { epochs: report.epochs, kept: report.kept });
    const page = await readFile(join(out, 'report.html'), 'utf8');
    for (const { path } of report.hardest) assert.ok(page.includes(path), path);
    assert.equal(page.split('places that speak for a defect"').length - 1, report.hardest.length);
  }

  /** The tfjs model loads by itself and gives the golden samples their certified scores. */
  async function assertTfjsAgrees({ out, card }: { out: string; card: ModelCard }): Promise<void> {
    const json = JSON.parse(await readFile(join(out, 'tfjs/model.json'), 'utf8')) as io.ModelJSON;
    const weightData = await readFile(join(out, 'tfjs/weights.bin'));
    const weightSpecs = json.weightsManifest.flatMap(({ weights }) => weights);
    const bytes = weightData.buffer.slice(
      weightData.byteOffset,
      weightData.byteOffset + weightData.byteLength,
    ) as ArrayBuffer;
    const model = await loadLayersModel(
      io.fromMemory({ modelTopology: json.modelTopology, weightSpecs, weightData: bytes }),
    );
    for (const { file, scores } of card.golden) {
      const score = scores.fp32;
      const picture = await preparePicture(await readFile(join(out, file)), {
        preprocess: card.preprocess,
        maxPixels: 1e6,
      });
      const { mean, std } = card.graph.normalise;
      const pixels = tensor4d(picture.data, [1, 64, 64, 3], 'int32').toFloat().sub(mean).div(std);
      const [probabilities] = model.predict(pixels) as Tensor[];
      const [good = Number.NaN] = probabilities?.dataSync() ?? [];
      assert.ok(Math.abs(1 - good - score) < 1e-4, `${file}: ${1 - good} against ${score}`);
    }
  }
});
