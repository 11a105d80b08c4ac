import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { findBackbone } from '#model/backbones/find';
import { resolveFreeze } from '#model/backbones/freeze';
import { chooseBackend } from '#model/backend/choose';
import { initHead } from '#model/head';
import { cutLength, mapSizeOf } from '#model/network';
import type { WeightMap } from '#model/weights/weight-map';
import { makeExamples } from '../../../../test/factories/feature-examples.js';
import { formulaBase } from '../../../../test/factories/formula-base.js';
import { plainLearning } from '../../../../test/factories/learning.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { Crew } from '../fit/crew.js';
import { fit } from './fit.js';

const SIZE = { height: 32, width: 32 };
const HEAD = { units: [], dropout: 0.3, labels: 2, l1: 0, l2: 0 };

// A layer count that ends inside a block, as the classic exercises have them.
const CASES = [
  { name: 'efficientnet-lite0', freeze: 133, frozen: 'block7a_expand_conv', open: 'block7a_dwconv' },
  { name: 'efficientnet-b0', freeze: 231, frozen: 'block7a_se_reduce', open: 'block7a_se_expand' },
  { name: 'mobilenet-v2', freeze: 146, frozen: 'block_16_expand', open: 'block_16_depthwise' },
  { name: 'mobilenet-v2-0.35', freeze: 100, frozen: 'block_11_expand', open: 'block_11_depthwise' },
  { name: 'resnet50', freeze: 169, frozen: 'conv5_block3_1_conv', open: 'conv5_block3_3_conv' },
  { name: 'vgg16', freeze: 16, frozen: 'block5_conv1', open: 'block5_conv2' },
];

describe('a fit that opens part of a block', () => {
  before(() => chooseBackend('wasm'));

  for (const { name, freeze, frozen, open } of CASES) {
    it(`of ${name} leaves frozen weights as they are, bit for bit, and moves all others`, async () => {
      const { start, fitted } = await fitFrom(name, freeze);
      const isEqual = (weight: string) => {
        const [before, after] = [start.get(weight)?.data, fitted.get(weight)?.data];
        assert.ok(before !== undefined && after !== undefined, weight);
        return Buffer.compare(Buffer.from(before.buffer), Buffer.from(after.buffer)) === 0;
      };
      const { layers } = findBackbone(name);
      const kept = [...fitted.keys()].filter(isEqual).map((weight) => weight.split('/')[0]);
      const placeOf = (layer: string | undefined) => layers.findIndex((known) => known.name === layer);
      assert.deepEqual(
        kept.filter((layer) => placeOf(layer) >= freeze || placeOf(layer) < 0),
        [],
      );
      const moved = [...fitted.keys()].filter((weight) => !isEqual(weight)).map((weight) => weight.split('/')[0]);
      assert.deepEqual(
        moved.filter((layer) => placeOf(layer) >= 0 && placeOf(layer) < freeze),
        [],
      );
      assert.ok(moved.includes(open), `${open} moved`);
      assert.ok(!moved.includes(frozen), `${frozen} moved`);
    });
  }
});

/** A few passes over a few examples on formula weights. */
async function fitFrom(name: string, depth: number): Promise<Record<'start' | 'fitted', WeightMap>> {
  const backbone = findBackbone(name);
  const { featureSize } = backbone;
  const { cut, frozen } = resolveFreeze(depth, backbone);
  const shape = { embedding: featureSize, cut: cutLength(backbone, SIZE, cut) };
  const { examples, features } = await makeExamples(tempDir(), { shape, count: 8 });
  const start = new Map([...formulaBase(backbone), ...initHead(HEAD, featureSize, xoroshiro128plus(3))]);
  const task = { backend: 'wasm', backbone, head: HEAD, size: SIZE, cut, frozen, features } as const;
  const crew = await Crew.start(task, { workers: 1, start });
  const fitted = await fit(
    crew,
    { train: examples, validation: examples },
    {
      ...plainLearning(backbone, { batch: 8, weightDecay: 0.1, fineTune: { epochs: 3, rate: 1e-4 } }),
      head: HEAD,
      map: mapSizeOf({ backbone, size: SIZE, cut }),
    },
  ).finally(() => crew.stop());
  return { start, fitted: fitted.weights };
}
