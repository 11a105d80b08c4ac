import { readFile } from 'node:fs/promises';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { InvariantError } from '#contracts';
import type { Preprocess } from '#model/card';
import { chunksOf, inOrder } from '#model/dataset/in-parallel';
import type { Sample } from '#model/dataset/sample';
import { PICTURE_INPUT } from '#model/network';
import { exportOnnx } from '#model/onnx/export';
import { preparePicture } from '#model/preprocess/preprocess';
import { joinPictures } from '#model/runtime/session';
import { ThreadedSession } from '#model/runtime/threaded-session';
import type { StoredWeights } from '#model/weights/record';
import { fillModel, type WeightMap } from '#model/weights/weight-map';

export interface RunBaseRequest {
  readonly known: StoredWeights;
  readonly weights: WeightMap;
  readonly preprocess: Preprocess;
  readonly maxPixels: number;
}

/** Pictures that go through the base at once. */
const CHUNK = 8;

/**
 * Run plain pictures through a part of the frozen base in ONNX Runtime. Disposes the part.
 * @param layer of the part whose values are wanted
 * @returns its values, one array per tile, in the samples' order
 */
export async function runBase(
  part: LayersModel,
  layer: string,
  samples: readonly Sample[],
  { known, weights, preprocess, maxPixels }: RunBaseRequest,
): Promise<Float32Array[]> {
  fillModel(part, weights);
  const { normalise } = known.backbone;
  const graph = exportOnnx({ model: part, normalise, inputName: PICTURE_INPUT, outputs: [{ name: layer, layer }] });
  part.dispose();
  const session = await ThreadedSession.open(graph);
  const valuesOf = async (chunk: readonly Sample[]): Promise<Float32Array[]> => {
    const pictures = await Promise.all(
      chunk.map(async ({ file }) => preparePicture(await readFile(file), { preprocess, maxPixels })),
    );
    const batch = joinPictures(pictures);
    const found = (await session.run(batch))[layer]?.data;
    if (found === undefined) throw new InvariantError(`The base gives no ${layer}.`);
    const length = found.length / batch.count;
    return Array.from({ length: batch.count }, (_, row) => found.slice(row * length, (row + 1) * length));
  };
  const values: Float32Array[] = [];
  try {
    for await (const some of inOrder(chunksOf(samples, CHUNK), valuesOf)) values.push(...some);
  } finally {
    await session.close();
  }
  return values;
}

/** At most so many of them, evenly spread. */
export function everySoMany<T>(items: readonly T[], most: number): T[] {
  const step = Math.max(1, items.length / most);
  return items.filter((_, i) => Math.floor(i / step) > Math.floor((i - 1) / step));
}
