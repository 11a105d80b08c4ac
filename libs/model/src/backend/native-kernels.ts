import {
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNativeBackpropFilter,
  getKernel,
  type KernelFunc,
  registerKernel,
  reshape,
  Sum,
  type SumAttrs,
  type Tensor,
  type Tensor2D,
  type TensorInfo,
  tensor1d,
  tidy,
  unregisterKernel,
  util,
} from '@tensorflow/tfjs-core';
import { CLIPPED } from './activations.js';
import { convInfo, type KernelArgs, named, type Shape4 } from './kernel-args.js';
import type { NativeTensorFlow } from './tensorflow.js';

const BACKEND = 'tensorflow';

/** What of tfjs-node's backend runs a TensorFlow op by its name. */
interface NativeBackend {
  readonly binding: Readonly<
    Record<'TF_FLOAT' | 'TF_ATTR_TYPE' | 'TF_ATTR_BOOL' | 'TF_ATTR_INT' | 'TF_ATTR_STRING', number>
  >;
  executeSingleOutput(op: string, attributes: readonly Attribute[], inputs: readonly TensorInfo[]): Tensor;
}

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/**
 * TensorFlow ops that tfjs-node 4.22 does not use:
 * - the gradients of ReLU and ReLU6 as one op each;
 * - sums over all but the channels, which are the gradients of biases, by the op for that;
 * - both gradients of a pointwise convolution as the matrix products they are: TensorFlow's general kernels for them
 *   take two and three times as long;
 * - on CPUs the filter gradient of a wide depthwise convolution by TensorFlow's own kernel: oneDNN's takes twice as
 *   long from 5x5 on, though half as long for 3x3.
 */
export function registerNativeKernels(device: NativeTensorFlow['device']): void {
  if (getKernel(CLIPPED[0].gradient, BACKEND) !== undefined) return;
  for (const { gradient } of CLIPPED) register(gradient, (args) => activationGradient(gradient, args));
  replace(Sum, (args, own) => (isOverCells(args) ? biasGradient(args) : own(args)));
  replace(Conv2DBackpropInput, (args, own) => (isPointwise(args) ? pointwiseInput(args) : own(args)));
  replace(Conv2DBackpropFilter, (args, own) => (isPointwise(args) ? pointwiseFilter(args) : own(args)));
  if (device === 'CPU')
    replace(DepthwiseConv2dNativeBackpropFilter, (args, own) => (isWide(args) ? wideFilter(args) : own(args)));
}

function register(kernelName: string, kernelFunc: KernelFunc): void {
  registerKernel({ kernelName, backendName: BACKEND, kernelFunc });
}

/** Put a kernel in the place of tfjs-node's `own`, which it may call. */
function replace(kernelName: string, kernel: (args: KernelArgs, own: KernelFunc) => ReturnType<KernelFunc>): void {
  const { kernelFunc: own } = getKernel(kernelName, BACKEND);
  unregisterKernel(kernelName, BACKEND);
  register(kernelName, (args) => kernel(args, own));
}

function activationGradient(op: string, { inputs, backend }: KernelArgs): TensorInfo {
  return run(backend, op, [named(inputs, 'dy'), named(inputs, 'y')]);
}

/** Whether every axis of a map but the channels is summed. */
function isOverCells({ inputs, attrs }: KernelArgs): boolean {
  const { shape, dtype } = named(inputs, 'x');
  const { axis, keepDims } = attrs as unknown as SumAttrs;
  const axes = util.parseAxisParam(axis, shape);
  return shape.length === 4 && dtype === 'float32' && !keepDims && axes.length === 3 && !axes.includes(3);
}

function biasGradient({ inputs, backend }: KernelArgs): TensorInfo {
  return run(backend, 'BiasAddGrad', [named(inputs, 'x')], { data_format: 'NHWC' });
}

/** Filter of one cell, moved by one cell: every cell of the map stands alone. */
function isPointwise({ inputs, attrs }: KernelArgs): boolean {
  const { strides, filterShape } = attrs as { strides: number | [number, number]; filterShape?: Shape4 };
  const [height, width] = filterShape ?? named(inputs, 'filter').shape;
  return height === 1 && width === 1 && [strides].flat().every((stride) => stride === 1);
}

/** dx [cells, in] = dy [cells, out] . filter [in, out] transposed. */
function pointwiseInput({ inputs, attrs, backend }: KernelArgs): TensorInfo {
  const { inputShape } = attrs as { inputShape: Shape4 };
  return tidy(() => {
    const cells = [asMatrix(named(inputs, 'dy')), asMatrix(named(inputs, 'filter'))];
    return reshape(run(backend, 'MatMul', cells, { transpose_a: false, transpose_b: true }), inputShape);
  });
}

/** dFilter [in, out] = x [cells, in] transposed . dy [cells, out]. */
function pointwiseFilter({ inputs, attrs, backend }: KernelArgs): TensorInfo {
  const { filterShape } = attrs as { filterShape: Shape4 };
  return tidy(() => {
    const cells = [asMatrix(named(inputs, 'x')), asMatrix(named(inputs, 'dy'))];
    return reshape(run(backend, 'MatMul', cells, { transpose_a: true, transpose_b: false }), filterShape);
  });
}

function isWide({ attrs }: KernelArgs): boolean {
  const { filterShape } = attrs as { filterShape: Shape4 };
  return Math.max(filterShape[0], filterShape[1]) > 3;
}

/** Filter gradient of a depthwise convolution: with the padding in numbers TensorFlow does not hand it to oneDNN. */
function wideFilter({ inputs, attrs, backend }: KernelArgs): TensorInfo {
  const { filterShape } = attrs as { filterShape: Shape4 };
  const [x, dy] = [named(inputs, 'x'), named(inputs, 'dy')];
  const { padInfo, strideHeight, strideWidth } = convInfo({ xShape: x.shape, filterShape, attrs, isDepthwise: true });
  return tidy(() =>
    run(backend, DepthwiseConv2dNativeBackpropFilter, [x, tensor1d(filterShape, 'int32'), dy], {
      data_format: 'NHWC',
      strides: [1, strideHeight, strideWidth, 1],
      padding: 'EXPLICIT',
      explicit_paddings: [0, 0, padInfo.top, padInfo.bottom, padInfo.left, padInfo.right, 0, 0],
    }),
  );
}

/** Everything but the channels in one axis. */
function asMatrix(info: TensorInfo): Tensor2D {
  return reshape(info as Tensor, [-1, info.shape.at(-1) ?? 1]);
}

/** A TensorFlow op on float32. */
function run(
  backend: unknown,
  op: string,
  inputs: readonly TensorInfo[],
  settings: Readonly<Record<string, string | boolean | readonly number[]>> = {},
): Tensor {
  const native = backend as NativeBackend;
  const { TF_FLOAT, TF_ATTR_TYPE, TF_ATTR_BOOL, TF_ATTR_INT, TF_ATTR_STRING } = native.binding;
  const typeOf = { string: TF_ATTR_STRING, boolean: TF_ATTR_BOOL, object: TF_ATTR_INT };
  const attributes = Object.entries(settings).map(([name, value]) => ({
    name,
    type: typeOf[typeof value as keyof typeof typeOf],
    value,
  }));
  return native.executeSingleOutput(op, [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }, ...attributes], inputs);
}
