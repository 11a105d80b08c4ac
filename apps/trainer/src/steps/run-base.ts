import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { InvariantError } from '#contracts';
import type { Preprocess } from '#model/card';
import type { Sample } from '#model/dataset/sample';
import { PICTURE_INPUT } from '#model/network';
import { exportOnnx } from '#model/onnx/export';
import { preparePicture } from '#model/preprocess/preprocess';
import { OnnxSession } from '#model/runtime/onnx-session';
import type { StoredWeights } from '#model/weights/record';
import { fillModel, type WeightMap } from '#model/weights/weight-map';

export interface RunBaseRequest {
  readonly known: StoredWeights;
  readonly weights: WeightMap;
  readonly preprocess: Preprocess;
  readonly maxPixels: number;
}

/** Pictures that go through the base at once. */
const CHUNK = 16;

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
  const session = await OnnxSession.open(graph, { threads: availableParallelism() });
  const prepare = async (from: number) =>
    Promise.all(
      samples
        .slice(from, from + CHUNK)
        .map(async ({ file }) => preparePicture(await readFile(file), { preprocess, maxPixels })),
    );
  const values: Float32Array[] = [];
  try {
    let next = prepare(0);
    for (let from = 0; from < samples.length; from += CHUNK) {
      const pictures = await next;
      next = prepare(from + CHUNK);
      // Awaited in the next turn; a failure is not lost in between.
      next.catch(() => undefined);
      const { height, width } = preprocess.resize;
      const count = pictures.reduce((sum, { tiles }) => sum + tiles, 0);
      const data = Buffer.concat(pictures.map((picture) => picture.data));
      const found = (await session.run({ data, count, height, width }))[layer]?.data;
      if (found === undefined) throw new InvariantError(`The base gives no ${layer}.`);
      const length = found.length / count;
      for (let row = 0; row < count; row++) values.push(found.slice(row * length, (row + 1) * length));
    }
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
