import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { correlateChannels } from './correlate-channels.js';
import { convInfo, type KernelArgs, named, type Shape4 } from './kernel-args.js';
import { ONCE, Scratch, widen } from './wasm-scratch.js';

/** dx of a depthwise convolution: dy, widened, correlated with the filter turned by 180 degrees. */
export function depthwiseInputGradient({ inputs, attrs, backend }: KernelArgs): TensorInfo {
  const scratch = new Scratch(backend as BackendWasm);
  const [dy, filter] = [named(inputs, 'dy'), named(inputs, 'filter')];
  const inputShape = attrs?.['inputShape'] as unknown as Shape4;
  const info = convInfo({ xShape: inputShape, filterShape: filter.shape, attrs, isDepthwise: true });
  const wide = widen(scratch, { dy, info, channels: info.outChannels });
  const turned = scratch.run('Reverse', { x: filter }, { dims: [0, 1] });
  return scratch.finish(scratch.run('DepthwiseConv2dNative', { x: wide, filter: turned }, ONCE), inputShape);
}

/** Filter gradient of a depthwise convolution: a plain loop over the heap, faster than 25 slices of a 5x5. */
export function depthwiseFilterGradient({ inputs, attrs, backend }: KernelArgs): TensorInfo {
  const wasm = backend as BackendWasm;
  const [x, dy] = [named(inputs, 'x'), named(inputs, 'dy')];
  const filterShape = attrs?.['filterShape'] as unknown as Shape4;
  const info = convInfo({ xShape: x.shape, filterShape, attrs, isDepthwise: true });
  const out = wasm.makeOutput(filterShape, 'float32');
  const sums = correlateChannels(
    wasm.typedArrayFromHeap(x) as Float32Array,
    wasm.typedArrayFromHeap(dy) as Float32Array,
    info,
  );
  (wasm.typedArrayFromHeap(out) as Float32Array).set(sums);
  return out;
}
