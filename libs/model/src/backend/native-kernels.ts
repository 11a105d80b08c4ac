import {
  backend_util,
  concat,
  DepthwiseConv2dNativeBackpropFilter,
  getKernel,
  type KernelFunc,
  pad,
  registerKernel,
  slice,
  type Tensor,
  type Tensor4D,
  type TensorInfo,
  tensor1d,
  tidy,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { InvariantError } from '#contracts';
import { CLIPPED } from './activations.js';

const BACKEND = 'tensorflow';

/** What of tfjs-node's backend runs a TensorFlow op by its name. */
interface NativeBackend {
  readonly binding: Readonly<Record<'TF_FLOAT' | 'TF_ATTR_TYPE' | 'TF_ATTR_INT' | 'TF_ATTR_STRING', number>>;
  executeSingleOutput(op: string, attributes: readonly Attribute[], inputs: readonly TensorInfo[]): Tensor;
}

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

type KernelArgs = Parameters<KernelFunc>[0];
type Shape4 = [number, number, number, number];

/**
 * TensorFlow ops that tfjs-node 4.22 does not use, and one it can use better:
 * - the gradients of ReLU and ReLU6 as one op each;
 * - the filter gradient of a depthwise convolution in column groups of at most 3 taps: oneDNN has a fast kernel for
 *   these and takes a general one, several times slower, for a filter 5 wide.
 */
export function registerNativeKernels(): void {
  if (getKernel(CLIPPED[0].gradient, BACKEND) !== undefined) return;
  for (const { gradient } of CLIPPED) register(gradient, (args) => activationGradient(gradient, args));
  const own = getKernel(DepthwiseConv2dNativeBackpropFilter, BACKEND);
  unregisterKernel(DepthwiseConv2dNativeBackpropFilter, BACKEND);
  register(DepthwiseConv2dNativeBackpropFilter, (args) => (isWide(args) ? inColumns(args) : own.kernelFunc(args)));
}

/** Widest filter that oneDNN's depthwise kernel for filter gradients takes. */
const FAST_WIDTH = 3;

function isWide({ attrs }: KernelArgs): boolean {
  const [, width] = (attrs as { filterShape: Shape4 }).filterShape;
  return width > FAST_WIDTH;
}

function register(kernelName: string, kernelFunc: KernelFunc): void {
  registerKernel({ kernelName, backendName: BACKEND, kernelFunc });
}

function activationGradient(op: string, { inputs, backend }: KernelArgs): TensorInfo {
  const native = backend as NativeBackend;
  const attributes = [{ name: 'T', type: native.binding.TF_ATTR_TYPE, value: native.binding.TF_FLOAT }];
  return native.executeSingleOutput(op, attributes, [named(inputs, 'dy'), named(inputs, 'y')]);
}

/** sums[i, j, c] for a few columns j at a time, each group a convolution without padding over what its columns see. */
function inColumns({ inputs, attrs, backend }: KernelArgs): TensorInfo {
  const [x, dy] = [named(inputs, 'x') as Tensor4D, named(inputs, 'dy')];
  const [height, width, channels, multiplier] = (attrs as { filterShape: Shape4 }).filterShape;
  const { strides, pad: padding } = attrs as { strides: number | [number, number]; pad: 'same' | 'valid' };
  const info = backend_util.computeConv2DInfo(
    x.shape,
    [height, width, channels, multiplier],
    strides,
    1,
    padding,
    undefined,
    true,
  );
  const { top, bottom, left, right } = info.padInfo;
  const [count, rows] = [info.batchSize, info.inHeight + top + bottom];
  return tidy(() => {
    const padded = pad(x, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
    const groups: Tensor4D[] = [];
    for (let from = 0; from < width; from += FAST_WIDTH) {
      const columns = Math.min(FAST_WIDTH, width - from);
      const seen = (info.outWidth - 1) * info.strideWidth + columns;
      const part = slice(padded, [0, 0, from, 0], [count, rows, seen, channels]);
      groups.push(
        filterGradient(backend as NativeBackend, { x: part, dy, shape: [height, columns, channels, multiplier], info }),
      );
    }
    return concat(groups, 1);
  });
}

function filterGradient(
  native: NativeBackend,
  { x, dy, shape, info }: { x: Tensor4D; dy: TensorInfo; shape: Shape4; info: backend_util.Conv2DInfo },
): Tensor4D {
  const { TF_FLOAT, TF_ATTR_TYPE, TF_ATTR_INT, TF_ATTR_STRING } = native.binding;
  const attributes = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'strides', type: TF_ATTR_INT, value: [1, info.strideHeight, info.strideWidth, 1] },
    { name: 'padding', type: TF_ATTR_STRING, value: 'VALID' },
    { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
    { name: 'dilations', type: TF_ATTR_INT, value: [1, 1, 1, 1] },
  ];
  const inputs = [x, tensor1d(shape, 'int32'), dy];
  return native.executeSingleOutput(DepthwiseConv2dNativeBackpropFilter, attributes, inputs) as Tensor4D;
}

function named(inputs: KernelArgs['inputs'], name: string): TensorInfo {
  const info = inputs[name];
  if (info === undefined) throw new InvariantError(`Kernel input ${name} is missing.`);
  return info;
}
