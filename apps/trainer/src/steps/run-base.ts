import type { LayersModel } from '@tensorflow/tfjs-layers';
import { InvariantError } from '#contracts';
import type { Preprocess } from '#model/card';
import { chunksOf, inOrder } from '#model/dataset/in-parallel';
import { readSample } from '#model/dataset/read-sample';
import type { Sample } from '#model/dataset/sample';
import { PICTURE_INPUT } from '#model/network';
import { exportOnnx } from '#model/onnx/export';
import { preparePicture } from '#model/preprocess/preprocess';
import { joinPictures } from '#model/runtime/session';
import { ThreadedSession } from '#model/runtime/threaded-session';
import type { StoredWeights } from '#model/weights/record';
import { fillModel, type WeightMap } from '#model/weights/weight-map';

/** A part of the frozen base, ready for ONNX Runtime, and the layer of it whose values are wanted. */
export interface BasePart {
  readonly graph: Uint8Array;
  readonly layer: string;
}

/** Export a part of the base. Disposes it. */
export function exportPart(
  part: LayersModel,
  layer: string,
  { known, weights }: { readonly known: StoredWeights; readonly weights: WeightMap },
): BasePart {
  fillModel(part, weights);
  const { normalise } = known.backbone;
  const graph = exportOnnx({ model: part, normalise, inputName: PICTURE_INPUT, outputs: [{ name: layer, layer }] });
  part.dispose();
  return { graph, layer };
}

export interface Reading {
  readonly preprocess: Preprocess;
  readonly maxPixels: number;
}

/** Pictures that go through the base at once. */
const CHUNK = 8;

/**
 * Run plain pictures through a part of the frozen base in ONNX Runtime.
 * @returns picture by picture, in the samples' order, the layer's values: one array per tile
 * @throws InputError DATA_CHANGED
 */
export async function* runBase(
  { graph, layer }: BasePart,
  samples: readonly Sample[],
  reading: Reading,
): AsyncGenerator<Float32Array[]> {
  const session = await ThreadedSession.open(graph);
  const valuesOf = async (chunk: readonly Sample[]): Promise<Float32Array[][]> => {
    const pictures = await Promise.all(chunk.map(async (sample) => preparePicture(await readSample(sample), reading)));
    const batch = joinPictures(pictures);
    const found = (await session.run(batch))[layer]?.data;
    if (found === undefined) throw new InvariantError(`The base gives no ${layer}.`);
    const length = found.length / batch.count;
    const rows = Array.from({ length: batch.count }, (_, row) => found.slice(row * length, (row + 1) * length));
    return chunksOf(rows, batch.count / chunk.length);
  };
  try {
    for await (const some of inOrder(chunksOf(samples, CHUNK), valuesOf)) yield* some;
  } finally {
    await session.close();
  }
}
