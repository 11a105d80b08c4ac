import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { model } from '@tensorflow/tfjs-layers';
import type { Backbone } from '#model/backbones/backbone';
import type { Normalise } from '#model/card';
import { EMBEDDING_LAYER } from '#model/head';
import { buildBase } from '#model/network';
import { exportOnnx } from '#model/onnx/export';
import { OnnxSession } from '#model/runtime/onnx-session';
import { formulaPicture } from '#model/weights/formula';
import { readSafetensors } from '#model/weights/safetensors';
import { fillModel, type WeightMap } from '#model/weights/weight-map';

/** What a library makes of a picture at two depths. */
export interface Depths {
  /** [1, h, w, c] of one layer in the middle. */
  readonly inner: ArrayLike<number>;
  /** [1, c]: the last feature map's mean over the picture. */
  readonly embedding: ArrayLike<number>;
}
export const DEPTHS = ['inner', 'embedding'] as const;

/** Largest difference in units of the reference's largest value that this product allows itself. */
export const LARGEST_DIFFERENCE = 1e-4;

/** A reference library's outputs as test/proof/write_*.py store them, and what they were made of. */
export interface Reference extends Depths {
  readonly layout: string;
  readonly network: string;
  /** Side of the formula's picture. */
  readonly size: number;
  readonly gain: number;
  /** Names and shapes of the checkpoint's tensors, in the library's own words. */
  readonly tensors: readonly (readonly [name: string, shape: readonly number[]])[];
}

export async function readReference(file: string | URL): Promise<Reference> {
  const bytes = await readFile(file);
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE())));
  const { layout, network, size, gain, tensors } = header['__metadata__'];
  const depths = readSafetensors(bytes);
  const dataOf = (name: string) => {
    const tensor = depths.get(name);
    assert.ok(tensor, `${file} has ${name}`);
    return tensor.data;
  };
  return {
    layout,
    network,
    size: Number(size),
    gain: Number(gain),
    tensors: JSON.parse(tensors),
    inner: dataOf('inner'),
    embedding: dataOf('embedding'),
  };
}

export interface Exported {
  readonly backbone: Backbone;
  readonly weights: WeightMap;
  readonly normalise: Normalise;
  readonly inner: string;
  readonly size: number;
}

/** What the exported graph makes of the formula's picture in ONNX Runtime. A tfjs backend must have been chosen. */
export async function runExported({ backbone, weights, normalise, inner, size }: Exported): Promise<Depths> {
  const base = buildBase(backbone, { height: size, width: size });
  fillModel(base, weights);
  const taps = [base.getLayer(inner), base.getLayer(EMBEDDING_LAYER)];
  const graph = exportOnnx({
    model: model({ inputs: base.inputs, outputs: taps.flatMap(({ output }) => output) }),
    normalise,
    inputName: 'picture',
    outputs: DEPTHS.map((name, i) => ({ name, layer: taps[i]?.name ?? '' })),
  });
  base.dispose();
  const session = await OnnxSession.open(graph);
  const outputs = await session.run({ data: formulaPicture(size), count: 1, height: size, width: size });
  await session.close();
  const [first, second] = DEPTHS.map((name) => outputs[name]?.data);
  assert.ok(first && second);
  return { inner: first, embedding: second };
}

/** max |a - b| / max |b|; infinite when they differ in length or either holds what is no number. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [largest, difference] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i] ?? Number.NaN));
    difference = Math.max(difference, Math.abs((actual[i] ?? Number.NaN) - (expected[i] ?? Number.NaN)));
  }
  const relative = difference / largest;
  return Number.isNaN(relative) ? Number.POSITIVE_INFINITY : relative;
}
