import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelArgs, named } from './kernel-args.js';

/** dx of an activation that is open where `0 < y < upper`: one pass over the heap. */
export function clippedGradient({ inputs, backend }: KernelArgs, upper: number): TensorInfo {
  const wasm = backend as BackendWasm;
  const [dy, y] = [named(inputs, 'dy'), named(inputs, 'y')];
  const out = wasm.makeOutput(y.shape, 'float32');
  const heap = (info: TensorInfo) => wasm.typedArrayFromHeap(info) as Float32Array;
  const [slopes, values, to] = [heap(dy), heap(y), heap(out)];
  for (let i = 0; i < to.length; i++) {
    const value = values[i] as number;
    to[i] = value > 0 && value < upper ? (slopes[i] as number) : 0;
  }
  return out;
}
