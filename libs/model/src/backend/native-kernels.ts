import {
  backend_util,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNativeBackpropFilter,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
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
import { InvariantError } from '#contracts';
import { CLIPPED } from './activations.js';
import type { NativeTensorFlow } from './tensorflow.js';

const BACKEND = 'tensorflow';

/** What of tfjs-node's backend runs a TensorFlow op by its name. */
interface NativeBackend {
  readonly binding: Readonly<Record<'TF_FLOAT' | 'TF_ATTR_TYPE' | 'TF_ATTR_BOOL' | 'TF_ATTR_INT' | 'TF_ATTR_STRING', number>>;
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
 * TensorFlow ops that tfjs-node 4.22 does not use:
 * - the gradients of ReLU and ReLU6 as one op each;
 * - sums over all but the channels, which are the gradients of biases, by the op for that;
 * - both gradients of a pointwise convolution as the matrix products they are: TensorFlow's general kernels for them
 *   take two and three times as long;
 * - on CPUs the filter gradient of a wide depthwise convolution by TensorFlow's own kernel: oneDNN's, which it takes
 *   unless it is told the padding in numbers, takes twice as long from 5x5 on, and half as long for 3x3.
 */
export function registerNativeKernels(device: NativeTensorFlow['device']): void {
  if (getKernel(CLIPPED[0].gradient, BACKEND) !== undefined) return;
  for (const { gradient } of CLIPPED) register(gradient, (args) => activationGradient(gradient, args));
  replace(Sum, (args, own) => (isOverCells(args) ? biasGradient(args) : own(args)));
  replace(Conv2DBackpropInput, (args, own) => (isPointwise(args) ? pointwiseInput(args) : own(args)));
  replace(Conv2DBackpropFilter, (args, own) => (isPointwise(args) ? pointwiseFilter(args) : own(args)));
  if (device === 'GPU') return;
  replace(DepthwiseConv2dNativeBackpropFilter, (args, own) => (isWide(args) ? wideDepthwiseFilter(args) : own(args)));
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
  const native = backend as NativeBackend;
  const attributes = [{ name: 'T', type: native.binding.TF_ATTR_TYPE, value: native.binding.TF_FLOAT }];
  return native.executeSingleOutput(op, attributes, [named(inputs, 'dy'), named(inputs, 'y')]);
}

/** Whether every axis of a map but the channels is summed. */
function isOverCells({ inputs, attrs }: KernelArgs): boolean {
  const { shape, dtype } = named(inputs, 'x');
  const { axis, keepDims } = attrs as unknown as SumAttrs;
  const axes = util.parseAxisParam(axis, shape);
  return shape.length === 4 && dtype === 'float32' && !keepDims && axes.length === 3 && !axes.includes(3);
}

function biasGradient({ inputs, backend }: KernelArgs): TensorInfo {
  const { TF_FLOAT, TF_ATTR_TYPE, TF_ATTR_STRING } = (backend as NativeBackend).binding;
  const attributes = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
  ];
  return (backend as NativeBackend).executeSingleOutput('BiasAddGrad', attributes, [named(inputs, 'x')]);
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
    const [dy, filter] = [asMatrix(named(inputs, 'dy')), asMatrix(named(inputs, 'filter'))];
    return reshape(product(backend as NativeBackend, { a: dy, b: filter, transposed: 'b' }), inputShape);
  });
}

/** dFilter [in, out] = x [cells, in] transposed . dy [cells, out]. */
function pointwiseFilter({ inputs, attrs, backend }: KernelArgs): TensorInfo {
  const { filterShape } = attrs as { filterShape: Shape4 };
  return tidy(() => {
    const [x, dy] = [asMatrix(named(inputs, 'x')), asMatrix(named(inputs, 'dy'))];
    return reshape(product(backend as NativeBackend, { a: x, b: dy, transposed: 'a' }), filterShape);
  });
}

function isWide({ attrs }: KernelArgs): boolean {
  const { filterShape } = attrs as unknown as DepthwiseConv2dNativeBackpropFilterAttrs;
  return Math.max(filterShape[0], filterShape[1]) > 3;
}

function wideDepthwiseFilter({ inputs, attrs, backend }: KernelArgs): TensorInfo {
  const { strides, dilations, pad, dimRoundingMode, filterShape } =
    attrs as unknown as DepthwiseConv2dNativeBackpropFilterAttrs;
  const x = named(inputs, 'x');
  const { padInfo, ...info } = backend_util.computeConv2DInfo(
    x.shape as Shape4,
    filterShape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    true,
  );
  const { TF_FLOAT, TF_ATTR_TYPE, TF_ATTR_INT, TF_ATTR_STRING } = (backend as NativeBackend).binding;
  const attributes = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'strides', type: TF_ATTR_INT, value: [1, info.strideHeight, info.strideWidth, 1] },
    { name: 'dilations', type: TF_ATTR_INT, value: [1, info.dilationHeight, info.dilationWidth, 1] },
    { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
    { name: 'padding', type: TF_ATTR_STRING, value: 'EXPLICIT' },
    {
      name: 'explicit_paddings',
      type: TF_ATTR_INT,
      value: [0, 0, padInfo.top, padInfo.bottom, padInfo.left, padInfo.right, 0, 0],
    },
  ];
  return tidy(() => {
    const sizes = tensor1d(filterShape, 'int32');
    return (backend as NativeBackend).executeSingleOutput(DepthwiseConv2dNativeBackpropFilter, attributes, [
      x,
      sizes,
      named(inputs, 'dy'),
    ]);
  });
}

/** Everything but the channels in one axis. */
function asMatrix(info: TensorInfo): Tensor2D {
  return reshape(info as Tensor, [-1, info.shape.at(-1) ?? 1]);
}

function product(
  native: NativeBackend,
  { a, b, transposed }: { readonly a: Tensor2D; readonly b: Tensor2D; readonly transposed: 'a' | 'b' },
): Tensor {
  const { TF_FLOAT, TF_ATTR_TYPE, TF_ATTR_BOOL } = native.binding;
  const attributes = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'transpose_a', type: TF_ATTR_BOOL, value: transposed === 'a' },
    { name: 'transpose_b', type: TF_ATTR_BOOL, value: transposed === 'b' },
  ];
  return native.executeSingleOutput('MatMul', attributes, [a, b]);
}

function named(inputs: KernelArgs['inputs'], name: string): TensorInfo {
  const info = inputs[name];
  if (info === undefined) throw new InvariantError(`Kernel input ${name} is missing.`);
  return info;
}
