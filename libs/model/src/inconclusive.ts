import type { Figures } from '#contracts';
import { counted } from './counted.js';
import { GOOD } from './dataset/sample.js';

/**
 * Whom INCONCLUSIVE holds back, as `3 defects and 1 good part`: neither escapes, as the gate rejects what did not PASS, and
 * a person may still decide.
 */
export function tellInconclusive(confusion: Figures['confusion']): string {
  const count = (isGood: boolean): number =>
    confusion.reduce((sum, { label, INCONCLUSIVE }) => sum + ((label === GOOD) === isGood ? INCONCLUSIVE : 0), 0);
  return `${counted(count(false), 'defect')} and ${counted(count(true), 'good part')}`;
}
