import { workerData } from 'node:worker_threads';
import { answerOrders } from '#model/runtime/asked-thread';
import { Optimiser } from './optimiser.js';
import type { OptimiserStep, OptimiserTask } from './shared-optimiser.js';

// Entry of the thread that moves the other half of the weights.
answerOrders(async () => {
  const { parameters, options, begin } = workerData as OptimiserTask;
  const optimiser = new Optimiser(parameters, options, begin);
  return async ({ weights, gradient, factor }: OptimiserStep): Promise<null> => {
    optimiser.step(weights, gradient, factor);
    return null;
  };
});
