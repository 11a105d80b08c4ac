import { backend_util, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { InvariantError } from '#contracts';

export type KernelArgs = Parameters<KernelFunc>[0];
export type Shape4 = [number, number, number, number];
type Padding = Parameters<typeof backend_util.computeConv2DInfo>[4];

/** Sizes and paddings of a convolution or depthwise convolution. */
export function convInfo(options: {
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

/** Attributes come as one number or as two. */
export function pair(strides: unknown): [number, number] {
  return Array.isArray(strides) ? [Number(strides[0]), Number(strides[1])] : [Number(strides), Number(strides)];
}

export function named(inputs: KernelArgs['inputs'], name: string): TensorInfo {
  const info = inputs[name];
  if (info === undefined) throw new InvariantError(`Kernel input ${name} is missing.`);
  return info;
}
