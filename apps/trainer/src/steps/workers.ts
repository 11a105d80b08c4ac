import { InputError } from '#contracts';
import type { ChosenBackend } from '#model/backend/choose';
import type { Plan } from '../plan/plan.js';

/**
 * Workers that share a batch: what the plan says, else what the backend wants. Only WebAssembly has more than one;
 * TensorFlow's addon keeps one state for all threads of a process, and two of them end it with a SIGSEGV.
 * @throws InputError PLAN_WORKERS
 */
export function workersOf({ workers }: Plan, backend: Pick<ChosenBackend, 'name' | 'workers'>): number {
  if (workers === null) return backend.workers;
  if (workers === 1 || backend.name === 'wasm') return workers;
  throw new InputError(
    'PLAN_WORKERS',
    `Plan: workers: expected 1 or null with backend ${backend.name}, which uses the whole machine by itself, got ${workers}. Leave it out, or take backend wasm.`,
  );
}
