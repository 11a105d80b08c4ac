import { existsSync } from 'node:fs';
import { KNOWN_WEIGHTS } from '#model/weights/known';
import { type Finding, gap, ok } from './finding.js';

/** Pretrained weights that a training can start from. */
export function findWeightFiles(): Finding[] {
  const here = KNOWN_WEIGHTS.filter(({ file }) => existsSync(file)).map(({ id }) => id);
  if (here.length > 0) return [ok('weights', here.join(', '))];
  return [gap('weights', 'none', 'A training starts from pretrained weights: lineside weights import FILE.')];
}
