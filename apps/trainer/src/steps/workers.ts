import { InputError } from '#contracts';
import type { ChosenBackend } from '#model/backend/choose';
import type { Plan } from '../plan/plan.js';

/**
 * Workers that share a batch: what the plan says, else what the backend wants.
 * @throws InputError PLAN_WORKERS for several on a backend whose one worker has the whole device
 */
export function workersOf(
  { workers }: Plan,
  backend: Pick<ChosenBackend, 'name' | 'workers' | 'sharesBatches'>,
): number {
  if (workers === null) return backend.workers;
  if (workers === 1 || backend.sharesBatches) return workers;
  throw new InputError(
    'PLAN_WORKERS',
    `Plan: workers: expected 1 or null with backend ${backend.name} as it is here, which takes a batch at once, got ${workers}. Leave it out.`,
  );
}
