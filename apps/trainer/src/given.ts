import type { Freeze } from '#model/backbones/freeze';
import type { Dataset } from '#model/dataset/sample';
import type { StoredWeights } from '#model/weights/record';
import { findWeights } from '#model/weights/store';
import { freezeOf } from './plan/freeze-of.js';
import type { NetworkRequest } from './run-request.js';
import { readNames } from './steps/dataset.js';
import { refuseAmongClasses } from './take-out.js';

/** What a run starts from. */
export interface Given {
  readonly known: StoredWeights;
  readonly freeze: Freeze;
  /** Labelled pictures, none of them opened. */
  readonly named: Dataset;
}

/**
 * Look up what a run names, before it makes anything: a slip in `--out`, weights, freeze depth or data leaves no folder behind.
 * @throws InputError OUT_IN_DATA | DATA_MISSING | WEIGHTS_UNKNOWN | WEIGHTS_RECORD | PLAN_FREEZE | PLAN_RATES, and as `readNames`
 */
export async function readGiven(request: NetworkRequest): Promise<Given> {
  const { plan, out, weightsDir } = request;
  const isOneClass = plan.mode === 'one-class';
  await refuseAmongClasses(request, out);
  const known = await findWeights(plan.weights, weightsDir);
  const freeze = freezeOf(plan, known.backbone);
  return { known, freeze, named: await readNames({ ...request, ...plan, isOneClass }) };
}
