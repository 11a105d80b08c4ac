import { InputError } from '#contracts';
import type { Plan } from '../plan/plan.js';

/**
 * A trial is judged by its defects on validation, which a one-class model neither learns from nor chooses by: it would
 * be a classifier's.
 * @throws InputError TRIAL_ONE_CLASS
 */
export function refuseOneClass({ mode }: Pick<Plan, 'mode'>): void {
  if (mode !== 'one-class') return;
  throw new InputError(
    'TRIAL_ONE_CLASS',
    'Trials and sweeps train classifiers alone, the plan says mode: one-class. Train each one-class plan with lineside train and compare the models with lineside compare, or leave mode out.',
  );
}
