import type { Backbone } from '#model/backbones/backbone';
import { Plan, type PlanInput } from '../../apps/trainer/src/plan/plan.js';
import { settle } from '../../apps/trainer/src/plan/settle.js';
import type { FitOptions } from '../../apps/trainer/src/steps/fit.js';
import { phasesOf } from '../../apps/trainer/src/steps/phase.js';

/** Options of a fit that does nothing but learn at one rate: no decay, no smoothing, no warm-up. The second phase of `plan`. */
export function plainLearning(
  backbone: Backbone,
  plan: PlanInput & { fineTune: object },
): Omit<FitOptions, 'head' | 'map'> {
  const whole = Plan.parse({
    batch: 10,
    weightDecay: 0,
    labelSmoothing: 0,
    ...plan,
    fineTune: { epochs: 4, warmUp: 0, decay: 'none', ...plan.fineTune },
  });
  return { ...whole, backbone, phase: phasesOf(settle(whole, 1)).fineTune };
}
