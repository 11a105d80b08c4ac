import { existsSync } from 'node:fs';
import { InputError, type TrainRequest } from '#contracts';
import { readPlan } from '../plan/read-plan.js';

/**
 * What can be seen to be wrong before a job's turn comes, hours later perhaps.
 * @throws InputError PLAN_UNREADABLE, PLAN_INVALID, DATA_MISSING
 */
export async function checkRequest({ data, split = data, plan, set }: TrainRequest): Promise<void> {
  await readPlan(plan, set);
  const missing = [data, split].find((path) => !existsSync(path));
  if (missing === undefined) return;
  throw new InputError('DATA_MISSING', `${missing} is not there. Expected a path on the trainer's own disk.`);
}
