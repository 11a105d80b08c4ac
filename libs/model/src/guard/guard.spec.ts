import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import '@tensorflow/tfjs';
import { setBackend, tensor4d } from '@tensorflow/tfjs-core';
import { input, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { watchRanges } from '../onnx/calibration.js';
import { buildGraph } from '../onnx/export.js';
import { toHalf } from '../onnx/half.js';
import { quantise } from '../onnx/quantise.js';
import { chooseQuantised } from '../onnx/quantised-parts.js';
import { OnnxSession } from '../runtime/onnx-session.js';
import { fillModel } from '../weights/weight-map.js';
import { applyGuard, DISTANCE_LAYER, GUARD_LAYERS, guardWeights } from './layers.js';
import { heldOutLimit } from './limit.js';
import { distanceOf, fitMahalanobis } from './mahalanobis.js';

const random = xoroshiro128plus(7);
const noise = () => uniformFloat64(random) + uniformFloat64(random) + uniformFloat64(random) - 1.5;
/** Two features that rise together, a third on its own. */
const ordinary = (at = 0): number[] => {
  const shared = noise();
  return [5 + at + shared, 50 + 10 * (shared + noise() / 10), noise() / 100];
};
const many = (count: number) => Array.from({ length: count }, () => ordinary());

describe('the distance from training', () => {
  const rows = many(400);
  const fit = fitMahalanobis(rows);

  it('is about 1 for an ordinary picture, whatever the features are measured in', () => {
    const mean = rows.reduce((sum, row) => sum + distanceOf(fit, row), 0) / rows.length;
    assert.ok(mean > 0.6 && mean < 1.05, `${mean}`);
  });

  it("is that of scikit-learn's shrunk covariance", () => {
    const points = Array.from({ length: 40 }, (_, i) =>
      [0, 1, 2, 3].map((j) => ((i * 7) % 11) / 2 + j * (i % 3) + ((i * 13 + j * 5) % 7) * 3),
    );
    const shrunk = fitMahalanobis(points);
    // Expected: scikit-learn 1.9.1, LedoitWolf of the standardised rows, with 1e-4 of the mean variance on the diagonal.
    for (const [point, expected] of [
      [[1, 2, 3, 4], 3.6705963703845756],
      [[10, 0, 20, 5], 2.0103732847321054],
    ] as const)
      assert.ok(Math.abs(distanceOf(shrunk, point) - expected) < 1e-4, `${distanceOf(shrunk, point)}`);
  });

  it('grows for values that are each ordinary but never came together', () => {
    assert.ok(distanceOf(fit, [5.8, 58, 0]) < 2);
    assert.ok(distanceOf(fit, [5.8, 42, 0]) > 10);
  });

  it('stands on fewer pictures than features, and on features that never change', () => {
    const few = fitMahalanobis(many(3).map((row) => [...row, ...row, 7]));
    const far = distanceOf(few, [9, 20, 1, 9, 20, 1, 7]);
    assert.ok(Number.isFinite(far) && far > 10, `${far}`);
    assert.ok(distanceOf(few, [5, 50, 0, 5, 50, 0, 8]) > 1e3);
  });
});

describe('the limit of the guard', () => {
  it('leaves the stated share of held-out pictures beyond it', () => {
    const rows = many(200);
    const groups = rows.map((_, i) => `part ${i}`);
    const found = heldOutLimit(rows, { groups, tiles: 1, falseAlarm: 0.05 });
    assert.deepEqual([found?.pictures, found?.groups, found?.beyond], [200, 200, 9]);
  });

  it('comes from groups that the fit had not seen: parts that differ make it wide', () => {
    // Each lot is strange in a way of its own.
    const lots = Array.from({ length: 10 }, (_, lot) =>
      Array.from({ length: 20 }, () => Array.from({ length: 10 }, (_, i) => noise() + (i === lot ? 5 : 0))),
    );
    const limitOf = (groups: string[]) => heldOutLimit(lots.flat(), { groups, tiles: 1, falseAlarm: 0.05 })?.limit ?? 0;
    const byLot = limitOf(lots.flatMap((lot, i) => lot.map(() => `lot ${i}`)));
    const byPicture = limitOf(lots.flat().map((_, i) => `picture ${i}`));
    assert.ok(byLot > 1.3 * byPicture, `${byLot} against ${byPicture}`);
  });

  it('lets the strangest tile stand for its picture', () => {
    const groups = Array.from({ length: 60 }, (_, i) => `part ${i}`);
    const limitWith = (strange: number[]) => {
      const rows = groups.flatMap((_, i) => [ordinary(), i === 7 ? strange : ordinary()]);
      return heldOutLimit(rows, { groups, tiles: 2, falseAlarm: 0 })?.limit ?? 0;
    };
    assert.ok(limitWith([30, 0, 0]) > 10 * limitWith(ordinary()));
  });

  it('cannot be set by one group', () => {
    assert.equal(heldOutLimit(many(20), { groups: Array(20).fill('lot 1'), tiles: 1, falseAlarm: 0.01 }), null);
  });
});

describe('the distance in the exported graph', () => {
  const SIDE = 32;
  const picture = (seed: number) => {
    const own = xoroshiro128plus(seed);
    return Uint8Array.from({ length: SIDE * SIDE * 3 }, () => 40 * (seed % 5) + 60 * uniformFloat64(own));
  };

  it('is that of the plain formula in fp32 and fp16, and near it where the maps before it are int8', async () => {
    await setBackend('cpu');
    const entry = input({ name: 'picture', shape: [SIDE, SIDE, 3] });
    const conv = layers.conv2d({ name: 'conv', filters: 6, kernelSize: 3, strides: 2, activation: 'relu' });
    const map = conv.apply(entry) as SymbolicTensor;
    const distance = applyGuard(map);
    const net = model({ inputs: entry, outputs: distance });
    const pooled = model({ inputs: entry, outputs: layers.globalAveragePooling2d({}).apply(map) as SymbolicTensor });
    const seen = Array.from({ length: 30 }, (_, seed) => picture(seed));
    const rowOf = (data: Uint8Array) => {
      const out = pooled.predict(
        tensor4d(
          Float32Array.from(data, (byte) => byte / 128 - 1),
          [1, SIDE, SIDE, 3],
        ),
      );
      return Float32Array.from([out].flat()[0]?.dataSync() ?? []);
    };
    const fit = fitMahalanobis(seen.map(rowOf));
    const [kernel, bias] = conv.getWeights();
    fillModel(
      net,
      new Map([
        ...guardWeights(fit),
        ['conv/kernel', { shape: kernel?.shape ?? [], data: kernel?.dataSync<'float32'>() ?? new Float32Array() }],
        ['conv/bias', { shape: bias?.shape ?? [], data: bias?.dataSync<'float32'>() ?? new Float32Array() }],
      ]),
    );
    const fp32 = buildGraph({
      model: net,
      normalise: { mean: [128, 128, 128], std: [128, 128, 128] },
      inputName: 'pictures',
      outputs: [{ name: DISTANCE_LAYER, layer: DISTANCE_LAYER }],
      exact: GUARD_LAYERS,
    });
    const parts = chooseQuantised(fp32, new Set());
    assert.ok(parts.nodes.size > 0);
    const pictures = seen.map((data) => ({ data, count: 1, height: SIDE, width: SIDE }));
    const ranges = await watchRanges(fp32, { values: [...parts.values.keys()], pictures });
    const strange = Uint8Array.from(picture(3), (byte, i) => (i % 2 === 0 ? byte : 255 - byte));
    const graphs = [
      [fp32, 1e-3],
      [toHalf(fp32), 0.05],
      [quantise(fp32, { parts, ranges, weights: 'narrow' }), 0.3],
    ] as const;
    for (const [{ graph, header }, tolerance] of graphs) {
      const session = await OnnxSession.open(graph.write(header));
      for (const data of [picture(2), strange]) {
        const expected = distanceOf(fit, rowOf(data));
        const { [DISTANCE_LAYER]: found } = await session.run({ data, count: 1, height: SIDE, width: SIDE });
        const got = found?.data[0] ?? Number.NaN;
        assert.ok(Math.abs(got - expected) <= tolerance * Math.max(1, expected), `${got} against ${expected}`);
      }
      await session.close();
    }
  });
});
