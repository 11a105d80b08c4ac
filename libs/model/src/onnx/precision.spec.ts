import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import '@tensorflow/tfjs';
import { setBackend, tensor1d } from '@tensorflow/tfjs-core';
import { input, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import onnxProto from 'onnx-proto';
import { tempDir } from '../../../../test/factories/tools.js';
import { pictureTensor } from '../runtime/graph-part.js';
import { OnnxSession } from '../runtime/onnx-session.js';
import { InferenceSession } from '../runtime/onnxruntime.js';
import type { PictureBatch } from '../runtime/session.js';
import { watchMeans, watchRanges } from './calibration.js';
import { correctBiases } from './correct-biases.js';
import { buildGraph, type NetworkGraph } from './export.js';
import { toHalf } from './half.js';
import { hasNarrowWeights } from './narrow-weights.js';
import { type Quantising, quantise } from './quantise.js';
import { chooseQuantised, widestNodes } from './quantised-parts.js';

const SIDE = 32;
const noise = (i: number) => Math.abs((Math.sin((i + 1) * 12.9898) * 43_758.5453) % 1);
const batch = (seed: number) => ({
  data: Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => Math.floor(256 * noise(i + seed * 7919))),
  count: 1,
  height: SIDE,
  width: SIDE,
});

/** Convolution, depthwise with swish, squeeze-excite, max pooling, a sum and a head. */
function network({ gain }: { gain: number }): NetworkGraph {
  const on = (layer: { apply(x: SymbolicTensor | SymbolicTensor[]): unknown }, ...x: SymbolicTensor[]) =>
    layer.apply(x.length === 1 ? (x[0] as SymbolicTensor) : x) as SymbolicTensor;
  const picture = input({ name: 'picture', shape: [SIDE, SIDE, 3] });
  const stem = on(layers.conv2d({ name: 'stem', filters: 8, kernelSize: 3, strides: 2, activation: 'relu6' }), picture);
  const deep = on(layers.depthwiseConv2d({ name: 'deep', kernelSize: 3, activation: 'swish' as 'relu' }), stem);
  const squeezed = on(layers.globalAveragePooling2d({ name: 'squeeze' }), deep);
  const pixel = on(layers.reshape({ name: 'pixel', targetShape: [1, 1, 8] }), squeezed);
  const gate = on(layers.conv2d({ name: 'gate', filters: 8, kernelSize: 1, activation: 'sigmoid' }), pixel);
  const pooled = on(
    layers.maxPooling2d({ name: 'pool', poolSize: 2 }),
    on(layers.multiply({ name: 'mul' }), deep, gate),
  );
  const wide = on(layers.conv2d({ name: 'wide', filters: 8, kernelSize: 3, padding: 'same' }), pooled);
  const sum = on(layers.add({ name: 'sum' }), pooled, wide);
  const embedding = on(layers.globalAveragePooling2d({ name: 'embedding' }), sum);
  const out = on(layers.dense({ name: 'out', units: 2, activation: 'softmax' }), embedding);
  const net = model({ name: 'net', inputs: picture, outputs: out });
  let at = 0;
  const random = (size: number) => tensor1d(Float32Array.from({ length: size }, () => gain * (noise(at++) - 0.5)));
  for (const layer of net.layers) layer.setWeights(layer.getWeights().map((w) => random(w.size).reshape(w.shape)));
  return buildGraph({
    model: net,
    normalise: { mean: [120, 127, 134], std: [64, 64, 64] },
    inputName: 'in',
    outputs: ['out', 'embedding', 'sum'].map((layer) => ({ name: layer, layer })),
  });
}

async function quantised(
  net: NetworkGraph,
  { kept = new Set<string>(), weights = 'full' }: { kept?: ReadonlySet<string>; weights?: Quantising['weights'] } = {},
): Promise<NetworkGraph> {
  const all = chooseQuantised(net, new Set());
  const ranges = await watchRanges(net, { values: [...all.values.keys()], pictures: [1, 2, 3, 4].map(batch) });
  return quantise(net, { parts: chooseQuantised(net, kept), ranges, weights });
}

/** Largest difference of an output on a picture that calibrated nothing, relative to the output's largest number. */
async function difference(net: NetworkGraph, other: NetworkGraph, output: string): Promise<number> {
  const [own, its] = await Promise.all(
    [net, other].map(async ({ graph, header }) => {
      const session = await OnnxSession.open(graph.write(header));
      const results = await session.run(batch(9));
      await session.close();
      return results[output]?.data ?? new Float32Array();
    }),
  );
  const scale = own?.reduce((most, value) => Math.max(most, Math.abs(value)), 0) ?? Number.NaN;
  return (own?.reduce((most, value, i) => Math.max(most, Math.abs(value - (its?.[i] ?? Number.NaN))), 0) ?? 1) / scale;
}

const elements = ({ graph, header }: NetworkGraph) =>
  onnxProto.onnx.ModelProto.decode(graph.write(header)).graph?.output?.map(({ type }) => type?.tensorType?.elemType);

describe('another precision', () => {
  before(async () => {
    await setBackend('cpu');
  });

  it('fp16 gives the network within three digits, float32 out', async () => {
    const net = network({ gain: 1 });
    const half = toHalf(net);
    assert.deepEqual(elements(half), [1, 1, 1]);
    for (const output of ['out', 'embedding', 'sum']) assert.ok((await difference(net, half, output)) < 3e-3, output);
    assert.ok([...half.graph.constants.values()].some(({ values }) => values instanceof Uint16Array));
  });

  it('fp16 leaves softmax and what is exact in float32', () => {
    const net = network({ gain: 1 });
    const exact = new Set(
      net.graph.nodes.filter(({ inputs }) => inputs.includes('out/kernel')).map(({ output }) => output),
    );
    const isSingle = ({ graph }: NetworkGraph) => graph.constants.get('out/kernel')?.values instanceof Float32Array;
    assert.deepEqual([exact.size, isSingle(toHalf(net)), isSingle(toHalf({ ...net, exact }))], [1, false, true]);
    const softmax = toHalf(net).graph.nodes.find(({ operator }) => operator === 'Softmax');
    assert.match(softmax?.inputs[0] ?? '', /\/single$/);
  });

  it('fp16 refuses a weight that it cannot hold, by name: EXPORT_RANGE', () => {
    assert.throws(() => toHalf(network({ gain: 1e6 })), {
      name: 'InputError',
      code: 'EXPORT_RANGE',
      message: /Constant \S+ holds -?\d+.*float16 ends at 65504/,
    });
  });

  it('int8 gives the network within a few hundredths, maps in int8 and head in float', async () => {
    const net = network({ gain: 1 });
    const own = await quantised(net);
    for (const output of ['out', 'embedding', 'sum']) assert.ok((await difference(net, own, output)) < 0.06, output);
    const kernels = [...own.graph.constants].filter(([name]) => name.endsWith('/kernel'));
    const inBytes = kernels.filter(([, { values }]) => values instanceof Int8Array).map(([name]) => name);
    assert.deepEqual(inBytes, ['stem/kernel', 'deep/kernel', 'wide/kernel']);
    assert.ok(!own.graph.nodes.some(({ operator }) => operator === 'Clip'), 'the range does the work of relu6');
  });

  it('int8 gives the channels of fp32 on average once its biases are corrected', async () => {
    const net = network({ gain: 1 });
    const parts = chooseQuantised(net, new Set());
    const pictures = [1, 2, 3, 4].map(batch);
    const values = [...parts.values.keys()];
    const seen = await watchRanges(net, { values, pictures });
    // Ranges that cut a third off: every channel is moved to one side.
    const cut = (limits: Float32Array) => limits.map((limit) => limit * 0.67);
    const ranges = new Map([...seen].map(([name, { low, high }]) => [name, { low: cut(low), high: cut(high) }]));
    const corrected = await correctBiases(net, { parts, ranges, weights: 'full', pictures, threads: 1 });
    const expected = await watchMeans(net, { values: ['wide/conv'], pictures, threads: 1 });
    const shifts = [];
    for (const source of [net, corrected]) {
      const own = quantise(source, { parts, ranges, weights: 'full' });
      const means = await watchMeans(own, { values: ['wide/conv'], pictures, threads: 1 });
      const wanted = expected.get('wide/conv') ?? new Float32Array();
      shifts.push(Math.max(...wanted.map((mean, c) => Math.abs(mean - (means.get('wide/conv')?.[c] ?? Number.NaN)))));
    }
    const [before = Number.NaN, after = Number.NaN] = shifts;
    assert.ok(after < before / 10, `${before} became ${after}`);
    assert.deepEqual(net.graph.constants.get('stem/bias'), network({ gain: 1 }).graph.constants.get('stem/bias'));
  });

  it('int8 is watched and corrected by pictures of many tiles as by as many pictures', async () => {
    const net = network({ gain: 1 });
    const parts = chooseQuantised(net, new Set());
    const values = [...parts.values.keys()];
    const tiles = Array.from({ length: 40 }, (_, i) => batch(i + 1));
    const joined = { ...batch(0), count: 40, data: Buffer.concat(tiles.map(({ data }) => data)) };
    const ranges = await watchRanges(net, { values, pictures: tiles });
    assert.deepEqual(await watchRanges(net, { values, pictures: [joined] }), ranges);
    const biasOf = async (pictures: PictureBatch[]) =>
      (await correctBiases(net, { parts, ranges, weights: 'full', pictures, threads: 1 })).graph.constants.get(
        'wide/bias',
      )?.values;
    const [one, other] = [await biasOf(tiles), await biasOf([joined])];
    for (const [c, bias] of (one ?? []).entries())
      assert.ok(Math.abs(Number(bias) - Number(other?.[c])) < 1e-4, `channel ${c}: ${bias} and ${other?.[c]}`);
  });

  for (const [weights, largest] of [
    ['narrow', 64],
    ['full', 127],
  ] as const)
    it(`int8 of ${weights} weights goes to ${largest} and says so of itself`, async () => {
      const { graph, header } = await quantised(network({ gain: 1 }), { weights });
      const kernels = [...graph.constants].filter(([name]) => name.endsWith('/kernel'));
      const bytes = kernels.flatMap(([, { values }]) => (values instanceof Int8Array ? [...values] : []));
      assert.equal(Math.max(...bytes.map(Math.abs)), largest);
      const written = graph.write(header);
      const file = join(tempDir(), 'model.onnx');
      writeFileSync(file, written);
      const isNarrow = weights === 'narrow';
      assert.deepEqual([await hasNarrowWeights(written), await hasNarrowWeights(file)], [isNarrow, isNarrow]);
    });

  it('int8 of narrow weights gives the same numbers whichever products ONNX Runtime takes', async () => {
    const net = network({ gain: 1 });
    const { graph, header } = await quantised(net, { weights: 'narrow' });
    const bytes = graph.write(header);
    const white = { ...batch(0), data: new Uint8Array(SIDE * SIDE * 3).fill(255) };
    for (const picture of [batch(9), white]) {
      const outputs = [];
      for (const x64quantprecision of ['0', '1']) {
        const session = await InferenceSession.create(bytes, { extra: { session: { x64quantprecision } } });
        const { sum } = await session.run({ in: pictureTensor(picture) });
        outputs.push(sum?.data);
        await session.release();
      }
      assert.deepEqual(outputs[0], outputs[1]);
    }
  });

  it('int8 leaves in float what is asked for', async () => {
    const net = network({ gain: 1 });
    const kept = widestNodes(net);
    const own = await quantised(net, { kept });
    assert.ok(kept.has('stem/conv') && !kept.has('wide/conv'));
    assert.ok(own.graph.constants.get('stem/kernel')?.values instanceof Float32Array);
    assert.ok(own.graph.constants.get('wide/kernel')?.values instanceof Int8Array);
    assert.ok((await difference(net, own, 'sum')) < 0.06);
  });
});
