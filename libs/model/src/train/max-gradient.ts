import {
  cast,
  div,
  equal,
  Max,
  type MaxAttrs,
  mul,
  registerGradient,
  reshape,
  sum,
  type Tensor,
  unregisterGradient,
  util,
} from '@tensorflow/tfjs-core';

/**
 * TensorFlow.js hands the whole slope of a maximum to each of several equal values, which counts it as often as there
 * are. As in TensorFlow, equal values share it here.
 */
export function shareMaxGradient(): void {
  unregisterGradient(Max);
  registerGradient({
    kernelName: Max,
    inputsToSave: ['x'],
    outputsToSave: [true],
    gradFunc: (dy, saved, attributes) => {
      const [x, y] = saved as [Tensor, Tensor];
      const axes = util.parseAxisParam((attributes as unknown as MaxAttrs).reductionIndices, x.shape);
      const kept = x.shape.map((side, axis) => (axes.includes(axis) ? 1 : side));
      const isMost = cast(equal(x, reshape(y, kept)), 'float32');
      const share = div(reshape(dy as Tensor, kept), sum(isMost, axes, true));
      return { x: () => mul(share, isMost) };
    },
  });
}
