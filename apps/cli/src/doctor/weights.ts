import { existsSync } from 'node:fs';
import { loadTrainerConfig } from '#config';
import { listWeights } from '#model/weights/store';
import { type Finding, gap, ok } from './finding.js';

/** Pretrained weights that a training can start from. */
export async function findWeightFiles(): Promise<Finding[]> {
  const all = await listWeights(loadTrainerConfig().trainer.weightsDir);
  const here = all.filter(({ file }) => existsSync(file)).map(({ id }) => id);
  if (here.length > 0) return [ok('weights', here.join(', '))];
  return [gap('weights', 'none', 'A training starts from pretrained weights: lineside weights import FILE.')];
}
