import { InvariantError } from '#contracts/errors';
import type { Prepared } from '../preprocess/preprocess.js';

/** One output: float32 in row-major order with its shape; the first dimension is the batch. */
export interface OutputTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** Pictures as `preparePicture` gives them: uint8 RGB, [count, height, width, 3]. */
export interface PictureBatch {
  readonly data: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/** A model opened in one runtime. Whoever opens it closes it. */
export interface ModelSession {
  /** What computes, in words, for certificates and messages, e.g. `onnxruntime-node 1.30.0 cpu linux-x64`. */
  readonly runtime: string;
  /** Names of the outputs that `run` computes. */
  readonly outputs: readonly string[];
  /**
   * Compute the outputs of a batch. May block the thread it is called on, so a line calls it in worker processes only.
   * @throws InvariantError when the batch's bytes are not count x height x width x 3, or when the runtime fails
   * @throws DependencyError RUNTIME_MISSING when the device cannot compute in the graph's precision
   */
  run(batch: PictureBatch): Promise<Record<string, OutputTensor>>;
  /** Free its memory. The session cannot be used afterwards. */
  close(): Promise<void>;
}

/** Prepared pictures, or tiles of them, of one size, as one batch: a tile is a row of it, in the pictures' order. */
export function joinPictures(pictures: readonly Pick<Prepared, 'data' | 'tiles' | 'width' | 'height'>[]): PictureBatch {
  const [first] = pictures;
  if (first === undefined) throw new InvariantError('A batch needs a picture.');
  const data = pictures.length === 1 ? first.data : Buffer.concat(pictures.map((picture) => picture.data));
  const count = pictures.reduce((sum, { tiles }) => sum + tiles, 0);
  return { data, count, height: first.height, width: first.width };
}

/** A batch in pieces of so many rows, the last maybe of fewer; no bytes are copied. */
export function splitBatch({ data, count, ...size }: PictureBatch, rows: number): PictureBatch[] {
  const length = data.length / count;
  return Array.from({ length: Math.ceil(count / rows) }, (_, piece) => {
    const from = piece * rows;
    const to = Math.min(count, from + rows);
    return { ...size, count: to - from, data: data.subarray(from * length, to * length) };
  });
}

/** @throws InvariantError when a batch's bytes are not count x height x width x 3 */
export function assertBatch({ data, count, height, width }: PictureBatch): void {
  const expected = count * height * width * 3;
  if (count >= 1 && data.byteLength === expected) return;
  throw new InvariantError(
    `Batch of ${count} pictures ${width}x${height} must hold ${expected} bytes, it holds ${data.byteLength}.`,
  );
}
