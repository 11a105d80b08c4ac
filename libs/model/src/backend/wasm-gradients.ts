import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  backend_util,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  getKernel,
  type KernelFunc,
  type NamedAttrMap,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
  util,
} from '@tensorflow/tfjs-core';
import { InvariantError } from '#contracts';
import { CLIPPED } from './activations.js';
import { correlateChannels } from './correlate-channels.js';

/**
 * Training kernels that the wasm backend of tfjs 4.22 lacks, put together from kernels it has:
 * - filter gradient of a convolution: one matmul per kernel tap (a 1x1 convolution is a single matmul);
 * - input gradient of a 1x1 convolution: a matmul, several times faster than the backend's own loop;
 * - input gradient of a depthwise convolution: a depthwise convolution of dy with the flipped filter;
 * - filter gradient of a depthwise convolution: a plain loop over the heap (faster than 25 slices of a 5x5);
 * - gradients of ReLU and ReLU6: one pass over the heap.
 *
 * Transposes are explicit: the backend's matmul with a transpose flag takes a slow path.
 */
export function registerWasmGradients(): void {
  const own = getKernel(Conv2DBackpropInput, 'wasm');
  if (own === undefined || getKernel(Conv2DBackpropFilter, 'wasm') !== undefined) return;
  unregisterKernel(Conv2DBackpropInput, 'wasm');
  registerKernel({ ...own, kernelFunc: (args) => (isPointwise(args) ? pointwiseInput(args) : own.kernelFunc(args)) });
  register(Conv2DBackpropFilter, filterGradient);
  register(DepthwiseConv2dNativeBackpropInput, depthwiseInputGradient);
  register(DepthwiseConv2dNativeBackpropFilter, depthwiseFilterGradient);
  for (const { gradient, upper } of CLIPPED) register(gradient, (args) => clippedGradient(args, upper));
}

type KernelArgs = Parameters<KernelFunc>[0];
type Shape4 = [number, number, number, number];
type Padding = Parameters<typeof backend_util.computeConv2DInfo>[4];

function register(kernelName: string, kernelFunc: KernelFunc): void {
  registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
}

/** A stack of kernel calls whose intermediate results are freed at the end, all but the one handed out. */
class Scratch {
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

  transpose(info: TensorInfo): TensorInfo {
    return this.run('Transpose', { x: info }, { perm: [1, 0] });
  }

  /** [m, k] x [k, n] -> [m, n] */
  matMul(a: TensorInfo, b: TensorInfo): TensorInfo {
    const [m = 0, k = 0] = a.shape;
    const [, n = 0] = b.shape;
    const inputs = { a: this.as(a, [1, m, k]), b: this.as(b, [1, k, n]) };
    return this.as(this.run('BatchMatMul', inputs, { transposeA: false, transposeB: false }), [m, n]);
  }

  /** Free everything but `result`, which leaves with `shape`. */
  finish(result: TensorInfo, shape: number[]): TensorInfo {
    for (const made of this.#made) if (made.dataId !== result.dataId) this.#backend.disposeData(made.dataId);
    return this.as(result, shape);
  }
}

function isPointwise({ inputs, attrs }: KernelArgs): boolean {
  const [height, width] = named(inputs, 'filter').shape;
  const strides = pair(attrs?.['strides']);
  return height === 1 && width === 1 && strides[0] === 1 && strides[1] === 1;
}

function pointwiseInput({ inputs, attrs, backend }: KernelArgs): TensorInfo {
  const scratch = new Scratch(backend as BackendWasm);
  const [dy, filter] = [named(inputs, 'dy'), named(inputs, 'filter')];
  const [, , channelsIn = 0, channelsOut = 0] = filter.shape;
  const transposed = scratch.transpose(scratch.as(filter, [channelsIn, channelsOut]));
  const rows = util.sizeFromShape(dy.shape) / channelsOut;
  return scratch.finish(
    scratch.matMul(scratch.as(dy, [rows, channelsOut]), transposed),
    attrs?.['inputShape'] as unknown as number[],
  );
}

function filterGradient({ inputs, attrs, backend }: KernelArgs): TensorInfo {
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
      taps.push(scratch.matMul(scratch.transpose(scratch.as(seen, [rows, channelsIn])), dyRows));
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
  const [rows, columns] = [(outHeight - 1) * strideHeight + 1, (outWidth - 1) * strideWidth + 1];
  if (strideHeight === 1 && strideWidth === 1) {
    return scratch.run('Slice', { x: padded }, { begin: [0, i, j, 0], size: [batchSize, rows, columns, inChannels] });
  }
  return scratch.run(
    'StridedSlice',
    { x: padded },
    {
      begin: [0, i, j, 0],
      end: [batchSize, i + rows, j + columns, inChannels],
      strides: [1, strideHeight, strideWidth, 1],
      beginMask: 0,
      endMask: 0,
      ellipsisMask: 0,
      newAxisMask: 0,
      shrinkAxisMask: 0,
    },
  );
}

function padInput(scratch: Scratch, x: TensorInfo, info: backend_util.Conv2DInfo): TensorInfo {
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

/** dx = dy, spread out by the stride and padded, correlated with the filter turned by 180 degrees. */
function depthwiseInputGradient({ inputs, attrs, backend }: KernelArgs): TensorInfo {
  const scratch = new Scratch(backend as BackendWasm);
  const [dy, filter] = [named(inputs, 'dy'), named(inputs, 'filter')];
  const inputShape = attrs?.['inputShape'] as unknown as Shape4;
  const info = convInfo({ xShape: inputShape, filterShape: filter.shape, attrs, isDepthwise: true });
  const spread =
    info.strideHeight * info.strideWidth === 1 ? dy : spreadOut(backend as BackendWasm, scratch, { dy, info });
  const [, spreadHeight = 0, spreadWidth = 0] = spread.shape;
  const top = info.filterHeight - 1 - info.padInfo.top;
  const left = info.filterWidth - 1 - info.padInfo.left;
  const paddings = [
    [0, 0],
    [top, info.inHeight + info.filterHeight - 1 - spreadHeight - top],
    [left, info.inWidth + info.filterWidth - 1 - spreadWidth - left],
    [0, 0],
  ];
  const padded = scratch.run('PadV2', { x: spread }, { paddings, constantValue: 0 });
  const flipped = scratch.run('Reverse', { x: filter }, { dims: [0, 1] });
  const correlate = { strides: [1, 1], pad: 'valid', dilations: [1, 1], dimRoundingMode: undefined };
  return scratch.finish(scratch.run('DepthwiseConv2dNative', { x: padded, filter: flipped }, correlate), inputShape);
}

/** dy with stride - 1 zeros between its pixels. */
function spreadOut(
  backend: BackendWasm,
  scratch: Scratch,
  { dy, info }: { dy: TensorInfo; info: backend_util.Conv2DInfo },
): TensorInfo {
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth, outChannels } = info;
  const height = (outHeight - 1) * strideHeight + 1;
  const width = (outWidth - 1) * strideWidth + 1;
  const spread = scratch.run(
    'Fill',
    {},
    { shape: [batchSize, height, width, outChannels], value: 0, dtype: 'float32' },
  );
  const from = backend.typedArrayFromHeap(dy);
  const to = backend.typedArrayFromHeap(spread);
  for (let row = 0; row < batchSize * outHeight; row++) {
    const [b, y] = [Math.floor(row / outHeight), row % outHeight];
    for (let x = 0; x < outWidth; x++) {
      const source = (row * outWidth + x) * outChannels;
      to.set(
        from.subarray(source, source + outChannels),
        ((b * height + y * strideHeight) * width + x * strideWidth) * outChannels,
      );
    }
  }
  return spread;
}

function depthwiseFilterGradient({ inputs, attrs, backend }: KernelArgs): TensorInfo {
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

function clippedGradient({ inputs, backend }: KernelArgs, upper: number): TensorInfo {
  const wasm = backend as BackendWasm;
  const [dy, y] = [named(inputs, 'dy'), named(inputs, 'y')];
  const out = wasm.makeOutput(y.shape, 'float32');
  const [slopes, values, to] = [dy, y, out].map((info) => wasm.typedArrayFromHeap(info) as Float32Array);
  if (slopes === undefined || values === undefined || to === undefined) throw new InvariantError('Three tensors.');
  for (let i = 0; i < to.length; i++) {
    const value = values[i] as number;
    to[i] = value > 0 && value < upper ? (slopes[i] as number) : 0;
  }
  return out;
}

function convInfo(options: {
  xShape: readonly number[];
  filterShape: readonly number[];
  attrs: KernelArgs['attrs'];
  isDepthwise: boolean;
}): backend_util.Conv2DInfo {
  const { xShape, filterShape, attrs, isDepthwise } = options;
  return backend_util.computeConv2DInfo(
    xShape as Shape4,
    filterShape as Shape4,
    pair(attrs?.['strides']),
    1,
    attrs?.['pad'] as unknown as Padding,
    attrs?.['dimRoundingMode'] as 'floor' | 'round' | 'ceil' | undefined,
    isDepthwise,
  );
}

function pair(strides: unknown): [number, number] {
  return Array.isArray(strides) ? [Number(strides[0]), Number(strides[1])] : [Number(strides), Number(strides)];
}

function named(inputs: KernelArgs['inputs'], name: string): TensorInfo {
  const info = inputs[name];
  if (info === undefined) throw new InvariantError(`Kernel input ${name} is missing.`);
  return info;
}
