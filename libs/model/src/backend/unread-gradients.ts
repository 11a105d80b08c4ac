import type { TensorInfo } from '@tensorflow/tfjs-core';

/** Data of filters whose convolutions look at what nothing learns before. */
const outermost = new WeakSet<object>();

/**
 * Say that nobody reads the gradient of what convolutions with this filter look at: the one of tfjs-layers 4.22 asks for
 * it all the same. Native TensorFlow spares it then; backends that copy what a gradient needs do not know the copy.
 */
export function leaveInputGradient({ dataId }: TensorInfo): void {
  outermost.add(dataId);
}

export function isInputGradientRead({ dataId }: TensorInfo): boolean {
  return !outermost.has(dataId);
}
