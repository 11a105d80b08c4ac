import type { TallyFigures } from '../../simulator/src/line/tally.js';

/** A tally on one line, names before numbers: for people and for `grep`. */
export function formatTally(tally: TallyFigures): string {
  const { received, pass, fail, inconclusive, missed, overkill, lost } = tally;
  return `received=${received} pass=${pass} fail=${fail} inconclusive=${inconclusive} missed=${missed} overkill=${overkill} lost=${lost}`;
}
