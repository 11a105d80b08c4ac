import {
  cast,
  engine,
  getBackend,
  getKernel,
  greater,
  less,
  logicalAnd,
  mul,
  Relu,
  Relu6,
  registerGradient,
  relu6,
  serialization,
  type Tensor,
  unregisterGradient,
} from '@tensorflow/tfjs-core';
import { InvariantError } from '#contracts';

/** Activations whose gradient is dy where `lower < y < upper` and 0 elsewhere, and the kernels `{ dy, y } -> dx` of it. */
export const CLIPPED = [
  { activation: Relu, gradient: 'ReluGrad', upper: Number.POSITIVE_INFINITY },
  { activation: Relu6, gradient: 'Relu6Grad', upper: 6 },
] as const;

/** ReLU6 as one kernel with one gradient; tfjs-layers 4.22 writes it as minimum(6, relu(x)). */
class Relu6Activation extends serialization.Serializable {
  static readonly className = 'relu6';

  apply(x: Tensor): Tensor {
    return relu6(x);
  }

  getConfig(): serialization.ConfigDict {
    return {};
  }
}

let isRegistered = false;

/**
 * Let layers run ReLU and ReLU6, and their gradients, as single kernels where the backend has them. tfjs 4.22 puts
 * each gradient together from up to nine passes over memory. Gradients read the output, so the input need not be kept.
 */
export function registerActivations(): void {
  if (isRegistered) return;
  isRegistered = true;
  serialization.registerClass(Relu6Activation);
  for (const { activation, gradient, upper } of CLIPPED) {
    unregisterGradient(activation);
    registerGradient({
      kernelName: activation,
      outputsToSave: [true],
      gradFunc: (dy, [y]) => {
        if (y === undefined || Array.isArray(dy)) throw new InvariantError('An activation has one output.');
        return { x: () => clippedGradient(dy, y, { gradient, upper }) };
      },
    });
  }
}

function clippedGradient(dy: Tensor, y: Tensor, { gradient, upper }: { gradient: string; upper: number }): Tensor {
  if (getKernel(gradient, getBackend()) !== undefined) return engine().runKernel(gradient, { dy, y });
  const isOpen = upper === Number.POSITIVE_INFINITY ? greater(y, 0) : logicalAnd(greater(y, 0), less(y, upper));
  return mul(dy, cast(isOpen, 'float32'));
}
