import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { type backend_util, getKernel, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import { InvariantError } from '#contracts';

/** Settings of a convolution that passes over every pixel of a padded input. */
export const ONCE = { strides: [1, 1], pad: 'valid', dilations: [1, 1], dimRoundingMode: undefined } as const;

/** A stack of kernel calls whose intermediate results are freed at the end, all but the one handed out. */
export class Scratch {
  readonly #backend: BackendWasm;
  readonly #made: TensorInfo[] = [];

  constructor(backend: BackendWasm) {
    this.#backend = backend;
  }

  run(kernel: string, inputs: Record<string, TensorInfo> | TensorInfo[], attrs: Record<string, unknown>): TensorInfo {
    const kernelFunc = getKernel(kernel, 'wasm')?.kernelFunc;
    if (kernelFunc === undefined) throw new InvariantError(`The wasm backend has no kernel ${kernel}.`);
    const made = kernelFunc({
      inputs: inputs as Record<string, TensorInfo>,
      attrs: attrs as unknown as NamedAttrMap,
      backend: this.#backend,
    }) as TensorInfo;
    this.#made.push(made);
    return made;
  }

  /** Same data under another shape, without a copy or a new owner. */
  as(info: TensorInfo, shape: number[]): TensorInfo {
    return { dataId: info.dataId, shape, dtype: info.dtype };
  }

  transpose(info: TensorInfo, perm: number[]): TensorInfo {
    return this.run('Transpose', { x: info }, { perm });
  }

  /** [m, k] x [k, n] -> [m, n] */
  matMul(a: TensorInfo, b: TensorInfo): TensorInfo {
    const [m = 0, k = 0] = a.shape;
    const [, n = 0] = b.shape;
    const inputs = { a: this.as(a, [1, m, k]), b: this.as(b, [1, k, n]) };
    return this.as(this.run('BatchMatMul', inputs, { transposeA: false, transposeB: false }), [m, n]);
  }

  zeros(shape: number[]): TensorInfo {
    return this.run('Fill', {}, { shape, value: 0, dtype: 'float32' });
  }

  /** The values themselves; gone stale with the next allocation. */
  heap(info: TensorInfo): Float32Array {
    return this.#backend.typedArrayFromHeap(info) as Float32Array;
  }

  /** Free everything but `result`, which leaves with `shape`. */
  finish(result: TensorInfo, shape: number[]): TensorInfo {
    for (const made of this.#made) if (made.dataId !== result.dataId) this.#backend.disposeData(made.dataId);
    return this.as(result, shape);
  }
}

/** x with the zeros that the convolution reads around it. */
export function padInput(scratch: Scratch, x: TensorInfo, info: backend_util.Conv2DInfo): TensorInfo {
  const { top, bottom, left, right } = info.padInfo;
  if (top + bottom + left + right === 0) return x;
  const paddings = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return scratch.run('PadV2', { x }, { paddings, constantValue: 0 });
}

/**
 * dy as the gradient of a convolution's input reads it: its pixels a stride apart, zeros between and around them, so
 * that a valid convolution with the turned filter comes out in the input's size.
 */
export function widen(
  scratch: Scratch,
  { dy, info, channels }: { dy: TensorInfo; info: backend_util.Conv2DInfo; channels: number },
): TensorInfo {
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth, filterHeight, filterWidth, padInfo } = info;
  const [top, left] = [filterHeight - 1 - padInfo.top, filterWidth - 1 - padInfo.left];
  const [height, width] = [info.inHeight + filterHeight - 1, info.inWidth + filterWidth - 1];
  if (strideHeight === 1 && strideWidth === 1) {
    const paddings = [
      [0, 0],
      [top, height - outHeight - top],
      [left, width - outWidth - left],
      [0, 0],
    ];
    return scratch.run('PadV2', { x: dy }, { paddings, constantValue: 0 });
  }
  const wide = scratch.zeros([batchSize, height, width, channels]);
  const [from, to] = [scratch.heap(dy), scratch.heap(wide)];
  for (let row = 0; row < batchSize * outHeight; row++) {
    const [b, y] = [Math.floor(row / outHeight), row % outHeight];
    const start = ((b * height + top + y * strideHeight) * width + left) * channels;
    for (let x = 0; x < outWidth; x++) {
      const at = (row * outWidth + x) * channels;
      to.set(from.subarray(at, at + channels), start + x * strideWidth * channels);
    }
  }
  return wide;
}
