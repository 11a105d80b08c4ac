import { InvariantError } from '#contracts';
import type { Preprocess } from '#model/card';
import { chunksOf, inOrder } from '#model/dataset/in-parallel';
import { readSample } from '#model/dataset/read-sample';
import type { Sample } from '#model/dataset/sample';
import { GUARD_POOL } from '#model/guard/layers';
import { type Prepared, preparePicture } from '#model/preprocess/preprocess';
import { joinPictures, type ModelSession } from '#model/runtime/session';
import { renderVariant } from '../augment/render-variant.js';
import type { Variant } from '../augment/variants.js';
import type { FeatureRecord, RecordKey, RecordShape } from '../fit/feature-store.js';
import type { Augmentation } from '../plan/augmentation.js';

/** A picture and those of its variants that are wanted. */
export interface Piece {
  readonly sample: Sample;
  readonly variants: readonly Variant[];
}

/** What a pass over pictures does with each of them. */
export interface PassRequest {
  /** The base: outputs `embedding`, what the guard measures, and `cut` where the network is cut. */
  readonly session: ModelSession;
  readonly shape: RecordShape;
  readonly preprocess: Preprocess;
  readonly augment: Augmentation;
  readonly maxPixels: number;
  /** Records in the order of pieces, variants and tiles. */
  readonly write: (records: readonly FeatureRecord[]) => Promise<void>;
  /** Called with pictures done. */
  readonly onProgress: (done: number) => void;
}

/** Pictures that go through the base at once: few enough for any memory. */
const CHUNK = 8;

/** Run pictures through the frozen base, variant by variant; the next ones are decoded and changed meanwhile. */
export async function passPictures(pieces: readonly Piece[], request: PassRequest): Promise<void> {
  let done = 0;
  for await (const records of inOrder(chunksOf(pieces, CHUNK), (chunk) => recordsOf(chunk, request))) {
    await request.write(records);
    done = Math.min(done + CHUNK, pieces.length);
    request.onProgress(done);
  }
}

/** One tile of a picture, seen one way. */
interface View extends RecordKey, Prepared {}

async function viewsOf({ sample, variants }: Piece, { preprocess, maxPixels, augment }: PassRequest): Promise<View[]> {
  const picture = await preparePicture(await readSample(sample), { preprocess, maxPixels });
  const length = picture.data.length / picture.tiles;
  const views = variants.flatMap((variant) =>
    Array.from({ length: picture.tiles }, async (_, tile): Promise<View> => {
      const key = keyOf({ sample, variant, tile });
      const plain = { ...picture, tiles: 1, data: picture.data.subarray(tile * length, (tile + 1) * length) };
      return { ...plain, ...key, data: await renderVariant(plain, { ...key, variant, augment }) };
    }),
  );
  return Promise.all(views);
}

async function recordsOf(chunk: readonly Piece[], request: PassRequest): Promise<FeatureRecord[]> {
  const { session, shape } = request;
  const views = (await Promise.all(chunk.map((piece) => viewsOf(piece, request)))).flat();
  const { cut, embedding, [GUARD_POOL]: pooled } = await session.run(joinPictures(views));
  if (embedding === undefined || pooled === undefined) throw new InvariantError('The base gives no embedding.');
  const rowOf = (values: Float32Array | undefined, i: number, length: number): Float32Array =>
    values?.subarray(i * length, (i + 1) * length) ?? new Float32Array();
  return views.map(({ pictureSha256, view }, i) => ({
    pictureSha256,
    view,
    embedding: rowOf(embedding.data, i, shape.embedding),
    cut: rowOf(cut?.data, i, shape.cut),
    pooled: rowOf(pooled.data, i, shape.pooled ?? 0),
  }));
}

/** Where the features of a tile in a variant are found. */
export function keyOf({ sample, variant, tile }: { sample: Sample; variant: Variant; tile: number }): RecordKey {
  if (sample.sha256 === undefined) throw new InvariantError(`Picture ${sample.path} was not hashed.`);
  return { pictureSha256: sample.sha256, view: `${variant.name}-${tile}` };
}
