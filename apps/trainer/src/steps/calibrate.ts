import type { Calibration } from '#model/card';
import { fitTemperature, foldTemperature, type HeldOut } from '#model/temperature';
import type { WeightMap } from '#model/weights/weight-map';
import type { Plan } from '../plan/plan.js';
import type { TrainLog } from '../train-log.js';

export interface CalibrateRequest {
  readonly weights: WeightMap;
  /** What the trained network says of validation. */
  readonly heldOut: readonly HeldOut[];
  readonly plan: Pick<Plan, 'calibrate'>;
}

/**
 * Fit a temperature on validation and fold it into the output layer, before anything is exported: the tfjs model and
 * the graphs of all precisions then agree on it.
 */
export function calibrate(
  { weights, heldOut, plan }: CalibrateRequest,
  log: TrainLog,
): { weights: WeightMap; calibration: Calibration | null } {
  if (!plan.calibrate) return { weights, calibration: null };
  const calibration = fitTemperature(heldOut);
  const { temperature, lossBefore, lossAfter, reason } = calibration;
  log.step(
    'calibrate',
    reason === null
      ? `temperature ${temperature.toFixed(2)}: validation loss ${lossBefore?.toFixed(3)} -> ${lossAfter?.toFixed(3)}`
      : `scores stay as they are: ${reason}`,
  );
  return { weights: reason === null ? foldTemperature(weights, temperature) : weights, calibration };
}
