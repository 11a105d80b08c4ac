import assert from 'node:assert/strict';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { resolveFreeze } from '#model/backbones/freeze';
import { chooseBackend } from '#model/backend/choose';
import { readDataset } from '#model/dataset/dataset';
import { verifyPictures } from '#model/dataset/pictures';
import { groupOf, type Sample } from '#model/dataset/sample';
import { LITE0_WEIGHTS } from '#model/weights/record';
import { loadWeights } from '#model/weights/store';
import { classPaths, makeDataDir } from '../../../../test/factories/labelled-pictures.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { FeatureReader } from '../fit/feature-reader.js';
import { Plan, type PlanInput } from '../plan/plan.js';
import { preprocessOf } from '../plan/preprocess-of.js';
import { settle } from '../plan/settle.js';
import { TrainLog } from '../train-log.js';
import { computeFeatures, type Features } from './features.js';

const known = LITE0_WEIGHTS;
const LABELS = ['good', 'defect'];

describe('computeFeatures', () => {
  before(() => chooseBackend('wasm'));

  it('reads what an earlier run left, without looking at a picture again', async () => {
    const { data, samples } = await pictures();
    const cacheDir = tempDir();
    const first = await run({ samples, cacheDir });
    assert.match(first.said, /views need .* MiB in .* are free.*8 pictures at cut 15, 0 from the cache/);
    const values = await read(first.features, 'cut');
    await rm(data, { recursive: true });
    const again = await run({ samples, cacheDir });
    assert.match(again.said, /^8 pictures at cut 15, 8 from the cache$/);
    assert.deepEqual(await read(again.features, 'cut'), values);
    assert.equal(first.features.train[0]?.records.length, 2);
    assert.equal(first.features.validation[0]?.records.length, 1);
    const groups = samples.validation.map(groupOf);
    assert.deepEqual(
      first.features.validation.map(({ group }) => group),
      groups,
    );
  });

  it('keeps beside them what a guard measures: means over the map in the middle of the network', async () => {
    const { samples } = await pictures();
    const cacheDir = tempDir();
    const plan = { fineTune: { freeze: known.backbone.openFrom } };
    const { features } = await run({ samples, cacheDir, plan });
    const pooled = await features.pooled();
    assert.equal(pooled.length, samples.train.length);
    const reader = new FeatureReader(features.layout, 'cut');
    for (const [i, { plain }] of features.train.entries()) {
      const map = await reader.read([plain]);
      const channels = pooled[i]?.length ?? 0;
      const places = map.length / channels;
      for (const [c, mean] of (pooled[i] ?? new Float32Array()).entries()) {
        const sum = Array.from({ length: places }, (_, place) => map[place * channels + c] ?? 0).reduce(
          (a, b) => a + b,
        );
        assert.ok(Math.abs(sum / places - mean) < 2e-3 * Math.max(1, Math.abs(mean)), `${sum / places} ${mean}`);
      }
    }
    reader.close();
    assert.deepEqual(
      await (await run({ samples, cacheDir, plan })).features.pooled(),
      pooled,
      'the same from the cache',
    );
  });

  it('computes only what a new plan adds', async () => {
    const { samples } = await pictures();
    const cacheDir = tempDir();
    await run({ samples, cacheDir });
    const { said } = await run({ samples, cacheDir, augment: { views: ['plain', 'mirror', 'flip'] } });
    assert.match(said, /features of 4 views need/);
  });

  it('draws variants anew for every epoch where nothing is kept, and says what that costs', async () => {
    const { samples } = await pictures();
    const cacheDir = tempDir();
    await mkdir(join(cacheDir, 'fresh-99999999-left'));
    const augment = { copies: 3, views: ['plain' as const], shift: 0.3, brightness: 0.5, cache: 'off' as const };
    const plan = { features: { epochs: 5 }, fineTune: { freeze: 'block7a', epochs: 3 } };
    const { features, said } = await run({ samples, cacheDir, augment, plan });
    assert.match(said, /drawn anew for every epoch; .*about \d+ min more for 7 further epochs/);
    const example = features.train[0];
    assert.ok(example !== undefined && features.draw !== null);
    assert.equal(example.records.length, 3);
    const [plain, ...drawn] = await perRecord(features, example.records);
    await features.draw(2);
    const [stillPlain, ...anew] = await perRecord(features, example.records);
    assert.deepEqual(stillPlain, plain);
    for (const [i, values] of drawn.entries()) assert.notDeepEqual(anew[i], values);
    await features.draw(1);
    assert.deepEqual((await perRecord(features, example.records)).slice(1), drawn, 'an epoch draws the same again');
    await features.close();
    assert.deepEqual(
      (await readdir(cacheDir)).filter((name) => name.startsWith('fresh')),
      [],
    );
  });

  it('draws nothing where nothing is learnt, as when data is checked', async () => {
    const { samples } = await pictures();
    const augment = { shift: 0.3, cache: 'off' as const };
    const { features, said } = await run({ samples: { ...samples, train: [] }, cacheDir: tempDir(), augment });
    assert.equal(features.draw, null);
    assert.doesNotMatch(said, /drawn anew/);
  });

  it('refuses before it computes anything when the features do not fit on the disk: DISK_FULL', async () => {
    const { samples } = await pictures();
    const cacheDir = tempDir();
    const resize = { width: 1024, height: 1024 };
    const plan = { resize, tiles: { columns: 8, rows: 8 }, fineTune: { freeze: 'block1a' } };
    const many = { train: Array.from({ length: 500 }, () => samples.train).flat(), validation: samples.validation };
    await assert.rejects(run({ samples: many, cacheDir, plan }), {
      code: 'DISK_FULL',
      message: /need \d+ MiB .* \d+ MiB are free/,
    });
  });
});

interface Run {
  readonly samples: Record<'train' | 'validation', readonly Sample[]>;
  readonly cacheDir: string;
  readonly augment?: PlanInput['augment'];
  readonly plan?: PlanInput;
}

async function run({ samples, cacheDir, augment, plan: own }: Run): Promise<{ features: Features; said: string }> {
  const plan = Plan.parse({ resize: { width: 32, height: 32 }, fineTune: { freeze: 'block7a' }, ...own, augment });
  const said: string[] = [];
  const log = new TrainLog([(event) => event.event === 'step' && said.push(event.text)]);
  const { cut } = resolveFreeze(plan.fineTune.freeze ?? '', known.backbone);
  const settled = settle(plan, samples.train.length);
  const features = await computeFeatures(
    samples,
    {
      known,
      weights: await loadWeights(known),
      preprocess: preprocessOf(plan, known.backbone),
      cut,
      plan,
      epochs: settled.features.epochs + settled.fineTune.epochs,
      labels: LABELS,
      cacheDir,
      maxPixels: 1e6,
    },
    log,
  );
  return { features, said: said.join('; ') };
}

/** Four pictures to learn from, four to validate with, hashed. */
async function pictures(): Promise<{ data: string; samples: Run['samples'] }> {
  const data = await makeDataDir(classPaths({ good: 4, defect: 4 }));
  const { samples } = await verifyPictures(await readDataset({ dir: data }), { maxPixels: 1e6 });
  return { data, samples: { train: samples.slice(0, 4), validation: samples.slice(4) } };
}

async function read(features: Features, part: 'embedding' | 'cut'): Promise<Float32Array> {
  const reader = new FeatureReader(features.layout, part);
  const records = [...features.train, ...features.validation].flatMap((example) => example.records);
  return reader.read(records).finally(() => reader.close());
}

async function perRecord({ layout }: Features, records: readonly number[]): Promise<Float32Array[]> {
  const reader = new FeatureReader(layout, 'embedding');
  const values: Float32Array[] = [];
  for (const record of records) values.push(await reader.read([record]));
  reader.close();
  return values;
}
