import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { memory } from '@tensorflow/tfjs-core';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { chooseBackend } from '#model/backend/choose';
import type { Head } from '#model/head';
import { buildTail, type Cut } from '#model/network';
import { layOut } from '#model/train/parameters';
import { LITE0_WEIGHTS } from '#model/weights/record';
import { hashWeights, type WeightMap } from '#model/weights/weight-map';
import { makeExamples } from '../../../../test/factories/feature-examples.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { Crew } from '../fit/crew.js';
import { type Example, type FitOptions, fit } from './fit.js';

// The last block of Lite0 at 32 pixels: a cut of 1 x 1 x 192, so a step takes milliseconds.
const SIZE = { height: 32, width: 32 };
const SHAPE = { embedding: 1280, cut: 192 };
const HEAD: Head = { units: [], dropout: 0.3, labels: 2 };
const known = LITE0_WEIGHTS;

describe('fit', () => {
  const dir = tempDir();
  let examples: { train: Example[]; validation: Example[] };

  before(async () => {
    await chooseBackend('wasm');
    const all = await makeExamples(dir, { shape: SHAPE, count: 40 });
    examples = { train: all.slice(0, 30), validation: all.slice(30) };
  });

  it('learns what tells the classes apart, in both phases', async () => {
    for (const cut of ['embedding', 15] as const) {
      const { validation } = await run({ cut, workers: 1 });
      assert.ok(validation.auroc > 0.95, `cut ${cut}: validation AUROC ${validation.auroc}`);
    }
  });

  it('gives every open weight a gradient and touches no other', async () => {
    const { weights } = await run({ cut: 15, workers: 1 });
    for (const [name, { data }] of weights) {
      const start = startWeights(15).get(name);
      assert.ok(start !== undefined && data.some((value, i) => value !== start.data[i]), `${name} moved`);
    }
    assert.deepEqual(
      [...weights.keys()].filter((name) => name.startsWith('block6') || name.startsWith('stem')),
      [],
    );
  });

  it('gives the same weights bit for bit with the same seed and worker count', async () => {
    const hashes = [];
    for (const workers of [1, 1, 2, 2]) hashes.push(hashWeights((await run({ cut: 15, workers, epochs: 2 })).weights));
    assert.equal(hashes[0], hashes[1]);
    assert.equal(hashes[2], hashes[3]);
    const other = hashWeights((await run({ cut: 15, workers: 1, epochs: 2, seed: 2 })).weights);
    assert.notEqual(other, hashes[0]);
  });

  it('leaks no tensor', async () => {
    const before = memory().numTensors;
    await run({ cut: 15, workers: 1, epochs: 2 });
    assert.equal(memory().numTensors, before);
  });

  it('stops with a name when rates are too high', async () => {
    await assert.rejects(run({ cut: 15, workers: 1, headRate: 1e300 }), { code: 'DIVERGED', message: /fine-tune/ });
  });

  it('takes the best epoch when the network forgets what it knew', async () => {
    const contrary = examples.validation.map((example) => ({ ...example, label: 1 - example.label }));
    const fitted = await run({ cut: 'embedding', workers: 1, validation: contrary });
    assert.ok(fitted.epoch < 8, `epoch ${fitted.epoch} taken`);
  });

  async function run(options: {
    cut: Cut;
    workers: number;
    epochs?: number;
    seed?: number;
    rate?: number;
    headRate?: number;
    validation?: Example[];
  }) {
    const {
      cut,
      workers,
      epochs = 8,
      seed = 1,
      rate = 1e-3,
      headRate = 1e-3,
      validation = examples.validation,
    } = options;
    const task = {
      backend: 'wasm',
      backbone: known.backbone,
      frozen: [],
      head: HEAD,
      size: SIZE,
      cut,
      shape: SHAPE,
    } as const;
    const crew = await Crew.start(task, { workers, start: startWeights(cut) });
    const fitOptions: FitOptions = {
      phase: {
        name: 'fine-tune',
        epochs,
        rates: { base: rate, head: headRate },
        schedule: { warmUp: 0, decay: 'none' },
      },
      head: HEAD,
      featureSize: 1280,
      batch: 10,
      weightDecay: 0,
      labelSmoothing: 0,
      classWeights: 'balanced',
      seed,
    };
    return fit(crew, { train: examples.train, validation }, fitOptions).finally(() => crew.stop());
  }
});

/** Lively weights for every open layer: random features would leave the pretrained ones' ReLUs dead. */
function startWeights(cut: Cut): WeightMap {
  const tail = buildTail({ backbone: known.backbone, head: HEAD, size: SIZE, cut });
  const random = xoroshiro128plus(7);
  const weights = layOut(tail).map(({ name, shape, length }) => {
    const limit = Math.sqrt(6 / (shape.at(-2) ?? 1));
    const value = () => (name.endsWith('/bias') ? 0.05 : (2 * uniformFloat64(random) - 1) * limit);
    return [name, { shape, data: Float32Array.from({ length }, value) }] as const;
  });
  tail.dispose();
  return new Map(weights);
}
