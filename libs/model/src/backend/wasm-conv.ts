import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { type backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { InvariantError } from '#contracts';
import { convInfo, type KernelArgs, named, type Shape4 } from './kernel-args.js';
import { ONCE, padInput, Scratch, widen } from './wasm-scratch.js';

/** dx of a convolution: for 1x1 a matmul, else dy, widened, convolved with the turned filter in XNNPACK. */
export function convInputGradient({ inputs, attrs, backend }: KernelArgs): TensorInfo {
  const scratch = new Scratch(backend as BackendWasm);
  const [dy, filter] = [named(inputs, 'dy'), named(inputs, 'filter')];
  const inputShape = attrs?.['inputShape'] as unknown as Shape4;
  const info = convInfo({ xShape: inputShape, filterShape: filter.shape, attrs, isDepthwise: false });
  const { inChannels, outChannels } = info;
  if (info.filterHeight === 1 && info.filterWidth === 1) {
    const rows = util.sizeFromShape(dy.shape) / outChannels;
    const turned = scratch.transpose(scratch.as(filter, [inChannels, outChannels]), [1, 0]);
    const dx = scratch.matMul(scratch.as(dy, [rows, outChannels]), turned);
    if (info.strideHeight === 1 && info.strideWidth === 1) return scratch.finish(dx, inputShape);
    return scratch.finish(widen(scratch, { dy: dx, info, channels: inChannels }), inputShape);
  }
  const wide = widen(scratch, { dy, info, channels: outChannels });
  const turned = scratch.transpose(scratch.run('Reverse', { x: filter }, { dims: [0, 1] }), [0, 1, 3, 2]);
  const dx = scratch.run('Conv2D', { x: wide, filter: turned }, { ...ONCE, dataFormat: 'NHWC' });
  return scratch.finish(dx, inputShape);
}

/** Filter gradient of a convolution: one matmul per kernel tap. */
export function convFilterGradient({ inputs, attrs, backend }: KernelArgs): TensorInfo {
  const scratch = new Scratch(backend as BackendWasm);
  const [x, dy] = [named(inputs, 'x'), named(inputs, 'dy')];
  const filterShape = attrs?.['filterShape'] as unknown as Shape4;
  const info = convInfo({ xShape: x.shape, filterShape, attrs, isDepthwise: false });
  const [height, width, channelsIn, channelsOut] = filterShape;
  const rows = info.batchSize * info.outHeight * info.outWidth;
  const dyRows = scratch.as(dy, [rows, channelsOut]);
  const padded = padInput(scratch, x, info);
  const taps: TensorInfo[] = [];
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const seen = height * width === 1 && info.strideHeight === 1 ? padded : tapOf(scratch, padded, { info, i, j });
      taps.push(scratch.matMul(scratch.transpose(scratch.as(seen, [rows, channelsIn]), [1, 0]), dyRows));
    }
  }
  const [first] = taps;
  if (first === undefined) throw new InvariantError('A convolution has at least one tap.');
  const all = taps.length === 1 ? first : scratch.run('Concat', taps, { axis: 0 });
  return scratch.finish(all, filterShape);
}

/** What tap (i, j) of the filter sees of the padded input, one row per output pixel. */
function tapOf(
  scratch: Scratch,
  padded: TensorInfo,
  { info, i, j }: { info: backend_util.Conv2DInfo; i: number; j: number },
): TensorInfo {
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth, inChannels } = info;
  if (strideHeight === 1 && strideWidth === 1) {
    const size = [batchSize, outHeight, outWidth, inChannels];
    return scratch.run('Slice', { x: padded }, { begin: [0, i, j, 0], size });
  }
  // The backend's strided slice walks value by value; whole pixels are copied here.
  const [, height = 0, width = 0] = padded.shape;
  const seen = scratch.zeros([batchSize, outHeight, outWidth, inChannels]);
  const [from, to] = [scratch.heap(padded), scratch.heap(seen)];
  for (let row = 0; row < batchSize * outHeight; row++) {
    const [b, y] = [Math.floor(row / outHeight), row % outHeight];
    const start = ((b * height + y * strideHeight + i) * width + j) * inChannels;
    for (let x = 0; x < outWidth; x++) {
      const at = start + x * strideWidth * inChannels;
      to.set(from.subarray(at, at + inChannels), (row * outWidth + x) * inChannels);
    }
  }
  return seen;
}
