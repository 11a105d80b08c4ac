import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { memory } from '@tensorflow/tfjs-core';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { chooseBackend } from '#model/backend/choose';
import { auroc } from '#model/metrics-ranking';
import { buildTail, type Cut, mapSizeOf } from '#model/network';
import { layOut } from '#model/train/parameters';
import { LITE0_WEIGHTS } from '#model/weights/record';
import { hashWeights, type WeightMap } from '#model/weights/weight-map';
import { makeExamples } from '../../../../test/factories/feature-examples.js';
import { plainLearning } from '../../../../test/factories/learning.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { type FitState, readCheckpoint, writeCheckpoint } from '../fit/checkpoint.js';
import { Crew } from '../fit/crew.js';
import type { StoreLayout } from '../fit/feature-store.js';
import { Plan, type PlanInput } from '../plan/plan.js';
import { settle } from '../plan/settle.js';
import type { Example } from './example.js';
import { type FitOptions, type Fitted, fit } from './fit.js';
import { phasesOf } from './phase.js';

// The last block of Lite0 at 32 pixels: a cut of 1 x 1 x 192, so a step takes milliseconds.
const SIZE = { height: 32, width: 32 };
const SHAPE = { embedding: 1280, cut: 192 };
const HEAD = { units: [], dropout: 0.3, labels: 2, l1: 0, l2: 0 };
const HEAD_KERNEL = 'probabilities/kernel';
const known = LITE0_WEIGHTS;

describe('fit', () => {
  const dir = tempDir();
  let features: StoreLayout;
  let examples: { train: Example[]; validation: Example[] };

  before(async () => {
    await chooseBackend('wasm');
    const made = await makeExamples(dir, { shape: SHAPE, count: 40 });
    features = made.features;
    examples = { train: made.examples.slice(0, 30), validation: made.examples.slice(30) };
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
    for (const workers of [1, 1, 2, 2])
      hashes.push(hashWeights((await run({ cut: 15, workers, fineTune: { epochs: 2 } })).weights));
    assert.equal(hashes[0], hashes[1]);
    assert.equal(hashes[2], hashes[3]);
    const other = hashWeights((await run({ cut: 15, workers: 1, fineTune: { epochs: 2 }, seed: 2 })).weights);
    assert.notEqual(other, hashes[0]);
  });

  it('leaks no tensor', async () => {
    const before = memory().numTensors;
    await run({ cut: 15, workers: 1, fineTune: { epochs: 2 } });
    assert.equal(memory().numTensors, before);
  });

  it('goes on after a stop or a crash and comes to the same bits', async () => {
    const file = join(tempDir(), 'fit.safetensors');
    const options = { cut: 15, workers: 2, fineTune: { epochs: 4, averaging: 0.9, keep: 'best' } } as const;
    const whole = await run(options);
    let asked = 0;
    const onState = (state: FitState) => writeCheckpoint(file, state);
    // Three steps make an epoch: the fourth look is in the middle of the second one.
    const isStopAsked = () => ++asked > 4;
    await assert.rejects(run({ ...options, more: { onState, isStopAsked } }), { code: 'STOPPED', message: /epoch 2/ });
    const crash = new Error('power cut');
    const onEpoch = ({ epoch }: { epoch: number }) => {
      if (epoch === 4) throw crash;
    };
    const goOn = async () => ({ saved: await readCheckpoint(file), onState });
    await assert.rejects(run({ ...options, more: { ...(await goOn()), onEpoch } }), crash);
    assert.equal((await readCheckpoint(file))?.step, 9, 'what the third epoch left');
    const resumed = await run({ ...options, more: await goOn() });
    assert.deepEqual([resumed.epoch, resumed.validation], [whole.epoch, whole.validation]);
    assert.equal(hashWeights(resumed.weights), hashWeights(whole.weights));
    assert.equal(hashWeights((await run({ ...options, more: await goOn() })).weights), hashWeights(whole.weights));
  });

  it('judges the epoch that it goes on from once where that is the best one too', async ({ mock }) => {
    const options = { cut: 'embedding', workers: 1, fineTune: { epochs: 1 } } as const;
    const states: FitState[] = [];
    await run({ ...options, more: { onState: async (state) => void states.push(state) } });
    const [saved = assert.fail()] = states;
    assert.deepEqual([saved.best.epoch, saved.last.epoch], [1, 1]);
    const asked = mock.method(Crew.prototype, 'predict').mock;
    const { epoch } = await run({ ...options, more: { saved } });
    assert.deepEqual([epoch, asked.callCount()], [1, 1]);
  });

  it('leaves the last good weights when rates are too high later on', async () => {
    const states: FitState[] = [];
    const onState = async (state: FitState) => void states.push({ ...state, weights: state.weights.slice() });
    const options = { cut: 'embedding', workers: 1, headRate: 1e300, fineTune: { epochs: 9 } } as const;
    const saved = await run({ ...options, headRate: 1e-3, fineTune: { epochs: 1 }, more: { onState } }).then(
      () => states[0],
    );
    assert.ok(saved !== undefined);
    await assert.rejects(run({ ...options, more: { saved, onState } }), {
      code: 'DIVERGED',
      message: /epoch 2 .*epoch 1 are kept/,
    });
    assert.ok(states.every(({ weights }) => weights.every(Number.isFinite)));
  });

  it('stops with a name when rates are too high', async () => {
    await assert.rejects(run({ cut: 15, workers: 1, headRate: 1e300 }), {
      code: 'DIVERGED',
      message: /fine-tune/,
    });
  });

  it('takes the best epoch when the network forgets what it knew', async () => {
    const all = [...examples.train, ...examples.validation];
    const contrary = all.map((example) => ({ ...example, label: 1 - example.label }));
    const fitted = await run({ cut: 'embedding', workers: 1, validation: contrary });
    assert.ok(fitted.epoch < 8, `epoch ${fitted.epoch} taken`);
    assert.equal(auroc(fitted.heldOut), fitted.validation.auroc, 'what that epoch said of validation goes with it');
    const [start, kept] = [startWeights('embedding'), fitted.weights].map((weights) => weights.get(HEAD_KERNEL)?.data);
    assert.deepEqual(kept, start, 'epoch 0 is what the phase began with');
  });

  it('never hands on the head that nobody trained, nor after a stop amid the first epoch', async () => {
    const contrary = examples.validation.map((example) => ({ ...example, label: 1 - example.label }));
    const { features } = phasesOf(settle(Plan.parse({ features: { epochs: 2 } }), 1));
    const options = { cut: 'embedding', workers: 1, validation: contrary } as const;
    const whole = await run({ ...options, more: { phase: features } });
    assert.ok(whole.epoch > 0);
    assert.notDeepEqual(whole.weights.get(HEAD_KERNEL)?.data, startWeights('embedding').get(HEAD_KERNEL)?.data);
    const file = join(tempDir(), 'features.safetensors');
    let asked = 0;
    const stopping = { onState: (state: FitState) => writeCheckpoint(file, state), isStopAsked: () => ++asked > 1 };
    await assert.rejects(run({ ...options, more: { phase: features, ...stopping } }), { code: 'STOPPED' });
    const resumed = await run({ ...options, more: { phase: features, saved: await readCheckpoint(file) } });
    assert.deepEqual([resumed.epoch, hashWeights(resumed.weights)], [whole.epoch, hashWeights(whole.weights)]);
  });

  it('ends when patience is used up and keeps the best epoch', async () => {
    const contrary = examples.validation.map((example) => ({ ...example, label: 1 - example.label }));
    const fineTune = { keep: 'best', stopping: { metric: 'loss', patience: 2 } } as const;
    const fitted = await run({ cut: 'embedding', workers: 1, validation: contrary, fineTune });
    assert.deepEqual([fitted.epoch, fitted.ran], [0, 2]);
  });

  it('validates and keeps the moving average of the weights where the plan asks for one', async () => {
    const losses: number[] = [];
    const options = { cut: 'embedding', workers: 1, fineTune: { epochs: 4, averaging: 0.9 } } as const;
    const fitted = await run({ ...options, more: { onEpoch: ({ validation }) => losses.push(validation.loss) } });
    const plain = await run({ ...options, fineTune: { epochs: 4 } });
    assert.equal(fitted.validation.loss, losses.at(-1));
    // The average lags behind weights that move one way.
    const distance = ({ weights }: Fitted) => {
      const start = startWeights('embedding').get(HEAD_KERNEL)?.data ?? [];
      const moved = weights.get(HEAD_KERNEL)?.data.map((value, i) => (value - (start[i] ?? 0)) ** 2);
      return Math.sqrt(moved?.reduce((sum, square) => sum + square, 0) ?? 0);
    };
    assert.ok(distance(fitted) < 0.98 * distance(plain) && distance(fitted) > 0.5 * distance(plain));
  });

  it('learns nothing more while what it has learnt is being saved', async () => {
    let isSaving = false;
    let steps = 0;
    const onState = async (): Promise<void> => {
      isSaving = true;
      for (let turn = 0; turn < 50; turn++) await nextTurn();
      isSaving = false;
    };
    const onStep = (): void => {
      steps += 1;
      assert.equal(isSaving, false, `step ${steps}`);
    };
    await run({ cut: 'embedding', workers: 1, fineTune: { epochs: 2 }, more: { onState, onStep } });
    assert.ok(steps > 2);
  });

  it('tells the mean loss of every epoch over its steps, as it falls', async () => {
    const told: number[] = [];
    const more = { onEpoch: ({ loss }: { loss: number }) => told.push(loss) };
    await run({ cut: 'embedding', workers: 1, fineTune: { epochs: 4 }, more });
    const [first = 0, last = 0] = [told[0], told.at(-1)];
    assert.equal(told.length, 4);
    assert.ok(first < 2 && last > 0 && last < first, told.join(', '));
  });

  async function run(options: {
    cut: Cut;
    workers: number;
    seed?: number;
    fineTune?: PlanInput['fineTune'];
    headRate?: number;
    validation?: Example[];
    more?: Partial<FitOptions>;
  }) {
    const { cut, workers, seed = 1, fineTune, headRate, validation = examples.validation, more } = options;
    const task = {
      backend: 'wasm',
      backbone: known.backbone,
      frozen: [],
      head: HEAD,
      size: SIZE,
      cut,
      features,
    } as const;
    const crew = await Crew.start(task, { workers, start: startWeights(cut) });
    const { phase, ...learning } = plainLearning(known.backbone, {
      seed,
      fineTune: { epochs: 8, rate: 1e-3, ...fineTune },
    });
    const fitOptions: FitOptions = {
      ...learning,
      phase: { ...phase, rates: { ...phase.rates, head: headRate ?? phase.rates.head } },
      head: HEAD,
      map: mapSizeOf({ backbone: known.backbone, size: SIZE, cut }),
      ...more,
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
