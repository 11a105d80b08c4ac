import { existsSync } from 'node:fs';
import { InputError, type TrainRequest } from '#contracts';
import { findWeights } from '#model/weights/store';
import { freezeOf } from '../plan/freeze-of.js';
import { readPlan } from '../plan/read-plan.js';

/** Sees what is wrong with a request before the job's turn comes, hours later perhaps. */
export class RequestCheck {
  /** @param weightsDir where imported weights lie */
  constructor(private readonly weightsDir: string) {}

  /** @throws InputError PLAN_UNREADABLE, PLAN_INVALID, WEIGHTS_UNKNOWN, WEIGHTS_RECORD, PLAN_FREEZE, PLAN_RATES, DATA_MISSING */
  async pass({ data, split = data, plan: file, set }: TrainRequest): Promise<void> {
    const plan = await readPlan(file, set);
    const { backbone } = await findWeights(plan.weights, this.weightsDir);
    freezeOf(plan, backbone);
    const missing = [data, split].find((path) => !existsSync(path));
    if (missing === undefined) return;
    throw new InputError('DATA_MISSING', `${missing} is not there. Expected a path on the trainer's own disk.`);
  }
}
