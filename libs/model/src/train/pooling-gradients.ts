import {
  broadcastTo,
  cast,
  div,
  equal,
  Max,
  type MaxAttrs,
  Mean,
  type MeanAttrs,
  mul,
  registerGradient,
  reshape,
  sum,
  type Tensor,
  unregisterGradient,
  util,
} from '@tensorflow/tfjs-core';

/** Put gradients of this product in the place of TensorFlow.js' for what pools a map. */
export function registerPoolingGradients(): void {
  shareMaxGradient();
  spreadMeanGradient();
}

/**
 * TensorFlow.js hands the whole slope of a maximum to each of several equal values, which counts it as often as there
 * are. As in TensorFlow, equal values share it here.
 */
function shareMaxGradient(): void {
  unregisterGradient(Max);
  registerGradient({
    kernelName: Max,
    inputsToSave: ['x'],
    outputsToSave: [true],
    gradFunc: (dy, saved, attributes) => {
      const [x, y] = saved as [Tensor, Tensor];
      const axes = util.parseAxisParam((attributes as unknown as MaxAttrs).reductionIndices, x.shape);
      const kept = withoutAxes(x, axes);
      const isMost = cast(equal(x, reshape(y, kept)), 'float32');
      const share = div(reshape(dy as Tensor, kept), sum(isMost, axes, true));
      return { x: () => mul(share, isMost) };
    },
  });
}

/** TensorFlow.js fills a map with ones to spread a mean's slope over it, which costs more than the rest of the head. */
function spreadMeanGradient(): void {
  unregisterGradient(Mean);
  registerGradient({
    kernelName: Mean,
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attributes) => {
      const [x] = saved as [Tensor];
      const kept = withoutAxes(x, util.parseAxisParam((attributes as unknown as MeanAttrs).axis, x.shape));
      const share = div(reshape(dy as Tensor, kept), x.size / util.sizeFromShape(kept));
      return { x: () => broadcastTo(share, x.shape) };
    },
  });
}

/** Shape with 1 in the place of every axis that is pooled. */
function withoutAxes({ shape }: Tensor, axes: readonly number[]): number[] {
  return shape.map((side, axis) => (axes.includes(axis) ? 1 : side));
}
