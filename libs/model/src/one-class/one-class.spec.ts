import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import '@tensorflow/tfjs';
import { setBackend, type Tensor, tensor4d } from '@tensorflow/tfjs-core';
import { input, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { findBackbone } from '../backbones/find.js';
import { buildGraph } from '../onnx/export.js';
import { toHalf } from '../onnx/half.js';
import { OnnxSession } from '../runtime/onnx-session.js';
import { fillModel } from '../weights/weight-map.js';
import { DefectOdds, PatchDistance } from './layers.js';
import { buildOneClass, memoryOf, oneClassWeights, PATCH_LAYER, patchBlocks } from './network.js';
import { PatchDraw, type PatchMemory, patchStrangeness, strangenessOf } from './patch-memory.js';

const lite0 = findBackbone('efficientnet-lite0');

const CHANNELS = 4;
const random = xoroshiro128plus(11);
/** A map of 9 patches whose channels go together; `flaw` breaks that in one patch. */
const mapOf = ({ flaw = false } = {}): Float32Array =>
  Float32Array.from({ length: 9 }, (_, patch) => (flaw && patch === 4 ? -3 : 1)).reduce(
    (all, sign, patch) => {
      const shared = uniformFloat64(random);
      for (let i = 0; i < CHANNELS; i++)
        all[patch * CHANNELS + i] = (i % 2 ? sign : 1) * (1 + shared) + uniformFloat64(random) / 5;
      return all;
    },
    new Float32Array(9 * CHANNELS),
  );
const good = Array.from({ length: 60 }, () => mapOf());
const remember = (maps: readonly Float32Array[], seed: number): PatchMemory => {
  const draw = new PatchDraw({ maps: maps.length, patchesPerMap: 9, channels: CHANNELS, patches: 50, seed });
  for (const map of maps) draw.show(map);
  return draw.remember();
};
const memory = remember(good, 1);

describe('the memory of good patches', () => {
  it('finds a picture strange for one patch that good ones never showed', () => {
    const familiar = Math.max(...Array.from({ length: 20 }, () => strangenessOf(memory, mapOf())));
    assert.ok(strangenessOf(memory, mapOf({ flaw: true })) > 100 * familiar);
  });

  it('says which patch it is, also when it is read back from the weights of a network', () => {
    const patches = patchStrangeness(memoryOf(oneClassWeights(memory, 5)), mapOf({ flaw: true }));
    assert.equal(patches.length, 9);
    const others = patches.filter((_, at) => at !== 4);
    assert.ok((patches[4] ?? 0) > 100 * Math.max(...others));
  });

  it('is the same for the same seed and another for another', () => {
    assert.deepEqual(remember(good, 1).memory, memory.memory);
    assert.notDeepEqual(remember(good, 2).memory, memory.memory);
  });

  it('remembers what there is when that is little', () => {
    const few = remember(good.slice(0, 1), 1);
    assert.equal(few.memory.length, 9 * CHANNELS);
    assert.ok(Number.isFinite(strangenessOf(few, mapOf())));
  });
});

describe('drawing good patches', () => {
  it('keeps copies of what it drew, and no map', () => {
    const shown = Float32Array.from(good[0] ?? []);
    const draw = new PatchDraw({ maps: 1, patchesPerMap: 9, channels: CHANNELS, patches: 50, seed: 1 });
    draw.show(shown);
    shown.fill(0);
    assert.deepEqual(draw.remember(), remember(good.slice(0, 1), 1));
  });

  it('is not done before every map was shown', () => {
    const draw = new PatchDraw({ maps: 2, patchesPerMap: 9, channels: CHANNELS, patches: 50, seed: 1 });
    draw.show(mapOf());
    assert.throws(() => draw.remember(), { name: 'InvariantError', message: /1 of 2 maps/ });
  });
});

describe('the one-class network', () => {
  it('says in ONNX, in fp16 too, and in tfjs what the plain formula says', async () => {
    await setBackend('cpu');
    const entry = input({ name: 'picture', shape: [3, 3, 3] });
    // Three colours stand for three channels, the fourth is their sum.
    const map = layers.conv2d({ name: 'map', filters: CHANNELS, kernelSize: 1 }).apply(entry) as SymbolicTensor;
    const distances = new PatchDistance({ name: 'patch_distance', patches: 50 }).apply(map) as SymbolicTensor;
    const odds = new DefectOdds({ name: 'probabilities' }).apply(distances) as SymbolicTensor;
    const net = model({ inputs: entry, outputs: odds });
    const kernel = Float32Array.from({ length: 3 * CHANNELS }, (_, at) => (at % CHANNELS === 3 ? 1 : +(at % 5 === 0)));
    const toMap = new Map([
      ['map/kernel', { shape: [1, 1, 3, CHANNELS], data: kernel }],
      ['map/bias', { shape: [CHANNELS], data: new Float32Array(CHANNELS) }],
    ]);
    const limit = 5;
    fillModel(net, new Map([...toMap, ...oneClassWeights(memory, limit)]));
    const graph = buildGraph({
      model: net,
      normalise: { mean: [0, 0, 0], std: [100, 100, 100] },
      inputName: 'pictures',
      outputs: [{ name: 'probabilities', layer: 'probabilities' }],
      exact: ['patch_distance', 'probabilities'],
    });
    for (const level of [60, 120, 250]) {
      const data = Uint8Array.from({ length: 27 }, () => level * (0.8 + uniformFloat64(random) / 5));
      const patches = Float32Array.from({ length: 9 * CHANNELS }, (_, at) => {
        const colours = [...data.subarray(3 * Math.floor(at / CHANNELS)).subarray(0, 3)].map((byte) => byte / 100);
        return at % CHANNELS === 3 ? colours.reduce((sum, one) => sum + one, 0) : (colours[at % CHANNELS] ?? 0);
      });
      const strange = strangenessOf(memory, patches);
      const expected = strange / (strange + limit);
      const pixels = tensor4d(
        Float32Array.from(data, (byte) => byte / 100),
        [1, 3, 3, 3],
      );
      const [, tfjs = Number.NaN] = (net.predict(pixels) as Tensor).dataSync();
      assert.ok(Math.abs(tfjs - expected) <= 1e-4, `tfjs ${tfjs}, expected ${expected}`);
      for (const [made, tolerance] of [
        [graph, 1e-4],
        [toHalf(graph), 0.02],
      ] as const) {
        const session = await OnnxSession.open(made.graph.write(made.header));
        const out = await session.run({ data, count: 1, height: 3, width: 3 });
        const [p = Number.NaN, defect = Number.NaN] = out['probabilities']?.data ?? [];
        assert.ok(Math.abs(defect - expected) <= tolerance, `onnx ${defect}, expected ${expected}`);
        assert.ok(Math.abs(p + defect - 1) < 1e-6);
        await session.close();
      }
    }
  });

  it('joins the first and the last block of the last size, and leaves out what lies behind', () => {
    const size = { height: 64, width: 64 };
    assert.deepEqual(patchBlocks(lite0), ['block6a_project_conv', 'block7a_project_conv']);
    const net = buildOneClass(lite0, size, 3);
    assert.deepEqual(net.getLayer(PATCH_LAYER).outputShape, [null, 2, 2, 512]);
    assert.ok(net.layers.every(({ name }) => !name.startsWith('top')));
    net.dispose();
  });

  it('takes the last block alone where two would be too wide or there is one', () => {
    assert.deepEqual(patchBlocks(findBackbone('resnet50')).length, 1);
    const vgg = findBackbone('vgg16');
    assert.equal(patchBlocks(vgg).length, 1);
    const net = buildOneClass(vgg, { height: 32, width: 32 }, 3);
    assert.deepEqual(net.getLayer(PATCH_LAYER).outputShape, [null, 1, 1, 512]);
    net.dispose();
  });
});
