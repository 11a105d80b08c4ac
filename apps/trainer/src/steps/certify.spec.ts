import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import '@tensorflow/tfjs';
import { setBackend, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Guard, OperatingPoint } from '#model/card';
import { makeArtefact, redPicture, TINY_SIDE, tinyGraph, tinyScore } from '../../../../test/factories/artefact.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { certify } from './certify.js';

const LABELS = ['good', 'defect'];
const GUARD: Guard = {
  ...{ output: 'distance', limit: 200, falseAlarm: 0.01 },
  heldOut: { pictures: 10, groups: 10, beyond: 0 },
};
const HALF: OperatingPoint = { threshold: 0.5, greyZone: [0.5, 0.5] };

/** The network behind the tiny graph, off by so much in its defect logit and its distance, which is the mean red level. */
function tinyNetwork({ logit = 0, distance = 0 } = {}): LayersModel {
  const pictures = input({ name: 'pictures', shape: [TINY_SIDE, TINY_SIDE, 3] });
  const embedding = layers.globalAveragePooling2d({}).apply(pictures) as SymbolicTensor;
  const probabilities = layers.dense({ name: 'probabilities', units: 2, activation: 'softmax' });
  const red = layers.dense({ name: 'distance', units: 1 });
  const outputs = [probabilities, red].map((layer) => layer.apply(embedding) as SymbolicTensor);
  const network = model({ inputs: pictures, outputs });
  probabilities.setWeights([tensor2d([0, 1 / 8, 0, 0, 0, 0], [3, 2]), tensor1d([0, -127.5 / 8 + logit])]);
  red.setWeights([tensor2d([1, 0, 0], [3, 1]), tensor1d([distance])]);
  return network;
}

/** The exported graph's word on a good and a doubtful picture against that network's. */
async function compare(network: LayersModel, own: { operatingPoint?: OperatingPoint; graph?: Uint8Array } = {}) {
  const dir = tempDir();
  const { card } = await makeArtefact();
  const graphFile = join(dir, 'model.onnx');
  writeFileSync(graphFile, own.graph ?? tinyGraph(LABELS, { guard: true }));
  const files = [60, 128].map((red) => join(dir, `${red}.png`));
  for (const [i, red] of [60, 128].entries()) writeFileSync(files[i] ?? '', await redPicture(red));
  const readout = { labels: LABELS, good: 'good', graph: card.graph, guard: GUARD };
  const { operatingPoint = HALF } = own;
  return certify(network, { graphFile, readout, preprocess: card.preprocess, operatingPoint, maxPixels: 1e6, files });
}

describe('certifying an exported graph', () => {
  before(() => setBackend('cpu'));

  it('gives what the graph says where it agrees with the trained network', async () => {
    const { certification, figures } = await compare(tinyNetwork());
    assert.deepEqual([certification.pictures, certification.flips], [2, 0]);
    assert.ok(certification.maxDifference < 1e-5);
    for (const [i, red] of [60, 128].entries()) {
      assert.ok(Math.abs((figures[i]?.score ?? Number.NaN) - tinyScore(red)) < 1e-5);
      assert.ok(Math.abs((figures[i]?.distance ?? Number.NaN) - red) < 1e-3);
    }
  });

  const between: OperatingPoint = {
    threshold: tinyScore(128) + 2e-5,
    greyZone: [tinyScore(128) + 2e-5, tinyScore(128) + 2e-5],
  };
  for (const [name, network, own, message] of [
    ['a score differs', { logit: 1e-3 }, {}, /largest difference of a score 0\.0002/],
    ['a score is no number', { logit: Number.NaN }, {}, /largest difference of a score NaN/],
    [
      'a distance differs by more than a thousandth of the limit',
      { distance: 0.3 },
      {},
      /of a distance 0\.[23]\d*, at most 0\.2;/,
    ],
    ['a verdict flips, by however little', { logit: 2e-4 }, { operatingPoint: between }, /1 of 2 verdicts flip/],
    ['the graph does not load', {}, { graph: Buffer.from('no graph') }, /does not load/],
  ] as const) {
    it(`CERTIFICATION_FAILED: refuses where ${name}`, async () => {
      await assert.rejects(compare(tinyNetwork(network), own), {
        name: 'RefusedError',
        code: 'CERTIFICATION_FAILED',
        message,
      });
    });
  }
});
