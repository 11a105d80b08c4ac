import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import '@tensorflow/tfjs';
import { fill, setBackend } from '@tensorflow/tfjs-core';
import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { buildGraph, type NetworkGraph } from '#model/onnx/export';
import { redPicture } from '../../../../test/factories/artefact.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { readPlan } from '../plan/read-plan.js';
import { TrainLog } from '../train-log.js';
import { makePrecisions, reasonToRefuse } from './precisions.js';

const operatingPoint = { threshold: 0.5, greyZone: [0.4, 0.6] as [number, number] };
const SIDE = 32;

/** Scores of 4 defects, then of 10 good pictures. */
const judged = (defects: readonly number[], goods: readonly number[]) => [
  ...defects.map((score) => ({ score, isDefect: true })),
  ...goods.map((score) => ({ score, isDefect: false })),
];
/** Ten good pictures, so many of them rejected. */
const goods = (rejected: number) => Array.from({ length: 10 }, (_, i) => (i < rejected ? 0.9 : 0.1));

describe('a precision beside fp32', () => {
  const fp32 = judged([0.9, 0.9, 0.9, 0.1], goods(1));
  const none = { missed: 0, overkill: 0 };
  const cases: [name: string, own: typeof fp32, allowance: typeof none, reason: string | null][] = [
    ['the same scores', fp32, none, null],
    ['better on both', judged([0.9, 0.9, 0.9, 0.9], goods(0)), none, null],
    ['other pictures wrong, as many', judged([0.1, 0.9, 0.9, 0.9], goods(1).reverse()), none, null],
    ['one more missed', judged([0.9, 0.9, 0.1, 0.1], goods(1)), none, 'misses 2, at most 1 allowed'],
    ['one more missed, allowed', judged([0.9, 0.9, 0.1, 0.1], goods(1)), { missed: 1, overkill: 0 }, null],
    ['one more rejected', judged([0.9, 0.9, 0.9, 0.1], goods(2)), none, 'rejects 2 good, at most 1 allowed'],
    ['a tenth more rejected, allowed', judged([0.9, 0.9, 0.9, 0.1], goods(2)), { missed: 0, overkill: 0.1 }, null],
    [
      'an allowance of less than a picture',
      judged([0.9, 0.9, 0.9, 0.1], goods(2)),
      { missed: 0, overkill: 0.09 },
      'rejects 2 good, at most 1 allowed',
    ],
    [
      'inconclusive is a reject',
      judged([0.5, 0.9, 0.9, 0.1], [...goods(1).slice(0, 9), 0.5]),
      none,
      'rejects 2 good, at most 1 allowed',
    ],
    [
      'worse on both',
      judged([0.9, 0.1, 0.1, 0.1], goods(3)),
      { missed: 1, overkill: 0.1 },
      'misses 3, at most 2 allowed; rejects 3 good, at most 2 allowed',
    ],
    [
      'a score that is no number, whatever is allowed',
      judged([Number.NaN, 0.9, 0.9, 0.9], goods(0)),
      { missed: 4, overkill: 1 },
      'gives no number as score of 1 of 14 pictures: its arithmetic overflows',
    ],
  ];
  for (const [name, own, allowance, reason] of cases)
    it(`${reason === null ? 'is kept' : 'is refused'}: ${name}`, () =>
      assert.equal(reasonToRefuse(own, { validation: fp32, operatingPoint, allowance }), reason));
});

/**
 * Mean colour through dense layers whose weights all are the largest that fp16 can write: so many that float32, in which
 * a CPU computes fp16 graphs, overflows as well.
 */
function overflowing(): NetworkGraph {
  const picture = input({ name: 'picture', shape: [SIDE, SIDE, 3] });
  let x = layers.globalAveragePooling2d({ name: 'embedding' }).apply(picture) as SymbolicTensor;
  for (let i = 0; i < 9; i++)
    x = layers.dense({ name: `hidden${i}`, units: 4, activation: 'relu' }).apply(x) as SymbolicTensor;
  const out = layers.dense({ name: 'out', units: 2, activation: 'softmax' }).apply(x) as SymbolicTensor;
  const net = model({ inputs: picture, outputs: out });
  for (const layer of net.layers) layer.setWeights(layer.getWeights().map(({ shape }) => fill(shape, 65_504)));
  return exported(net);
}

/** Mean colour of two convolutions. */
function convolved(): NetworkGraph {
  const picture = input({ name: 'picture', shape: [SIDE, SIDE, 3] });
  const stem = layers.conv2d({ name: 'stem', filters: 4, kernelSize: 3, strides: 2, activation: 'relu6' });
  const wide = layers.conv2d({ name: 'wide', filters: 4, kernelSize: 3 });
  const map = wide.apply(stem.apply(picture)) as SymbolicTensor;
  const embedding = layers.globalAveragePooling2d({ name: 'embedding' }).apply(map) as SymbolicTensor;
  const out = layers.dense({ name: 'out', units: 2, activation: 'softmax' }).apply(embedding) as SymbolicTensor;
  return exported(model({ inputs: picture, outputs: out }));
}

function exported(net: LayersModel): NetworkGraph {
  const outputs = ['out', 'embedding'].map((layer) => ({ name: layer, layer }));
  return buildGraph({ model: net, normalise: { mean: [0, 0, 0], std: [1, 1, 1] }, inputName: 'in', outputs });
}

/** What is made of a graph by a plan, and said of it. `scores` of a good picture and of a defect in fp32. */
async function made(graph: NetworkGraph, settings: Record<string, string>, { scores = [0.1, 0.9], columns = 1 } = {}) {
  await setBackend('cpu');
  const dir = tempDir();
  const file = join(dir, 'red.png');
  writeFileSync(file, await redPicture(200));
  const sample = (label: string) => ({ path: label, file, label, split: null, group: null, lot: null, part: null });
  const validation = ['good', 'defect'].map((label, i) => ({
    ...{ sample: sample(label), isDefect: i === 1 },
    score: scores[i] ?? Number.NaN,
  }));
  const said: string[] = [];
  const [judged] = await makePrecisions(
    {
      ...{ dir, graph, validation, operatingPoint, maxPixels: 1e6, runtime: 'test' },
      plan: await readPlan(undefined, settings),
      train: ['a', 'b', 'c'].map(sample),
      readout: {
        ...{ labels: ['good', 'defect'], guard: null, good: 'good' },
        graph: {
          input: 'in',
          outputs: { probabilities: 'out', featureMap: 'embedding', embedding: 'embedding' },
          normalise: { mean: [0, 0, 0], std: [1, 1, 1] },
        },
      },
      preprocess: {
        ...{ frame: null, roi: null, tiles: { columns, rows: 1 } },
        resize: { width: SIDE, height: SIDE, policy: 'squash', kernel: 'linear' },
      },
    },
    new TrainLog([(event) => said.push(event.event === 'step' ? event.text : '')]),
  );
  return { dir, judged, said };
}

describe('a graph whose arithmetic overflows', () => {
  it('is refused with the reason, without figures, and its file removed', async () => {
    const allowance = '{ missed: 1, overkill: 1 }';
    const settings = { 'precision.make': '[fp16]', 'precision.allowance': allowance };
    const { dir, judged, said } = await made(overflowing(), settings);
    assert.deepEqual(judged?.entry, {
      precision: 'fp16',
      accepted: false,
      file: null,
      reason: 'gives no number as score of 2 of 2 pictures: its arithmetic overflows',
    });
    assert.match(said[0] ?? '', /^fp16: missed -, .* refused: gives no number/);
    assert.equal(existsSync(join(dir, 'model.fp16.onnx')), false);
  });
});

describe('int8', () => {
  it('says of each try why it was refused and what is tried next', async () => {
    // Both are one picture: no graph gives it two scores.
    const { judged, said } = await made(convolved(), { 'precision.make': '[int8]' }, { columns: 2 });
    assert.equal(judged?.entry.accepted, false);
    assert.match(said[0] ?? '', /^int8 of seven bits (misses|rejects) 1.*: tried again with eight$/);
    assert.match(said[1] ?? '', /^int8 of eight bits (misses|rejects) 1.*: tried again with the widest maps/);
    assert.match(said[2] ?? '', /^int8: .* refused: (misses|rejects) 1/);
  });
});
