import type { Comparison, PairedFigures } from '#contracts';
import { counted } from '#model/counted';
import { FEWEST_GROUPS } from '#model/metrics-groups';

/** What two models' difference amounts to, a sentence each: ranking, misses, overkill. */
export function describeComparison(comparison: PairedFigures): string[] {
  const { auroc, averagePrecision, misses, overkills } = comparison;
  return [
    ranking('AUROC', auroc, comparison),
    ranking('Average precision', averagePrecision, comparison),
    errors('miss', 'defects', misses),
    errors('reject', 'good parts', overkills),
  ];
}

/** Which model errs less, by what was tested: a part that one model alone fails on many pictures is one part. */
export function fewerErrors({ againstA, againstB, isNoise }: Comparison['misses']): string {
  if (isNoise) return 'within noise';
  return `${againstA < againstB ? 'A' : 'B'} is better`;
}

function ranking(
  name: string,
  { a, b, difference, limits, isNoise }: Comparison['auroc'],
  { fewestGroups }: Pick<PairedFigures, 'fewestGroups'>,
): string {
  const own = `${name}: A ${a.toFixed(4)}, B ${b.toFixed(4)}, difference ${signed(difference)}`;
  if (limits === null)
    return `${own}: too few groups to tell, ${fewestGroups} of a kind where it takes ${FEWEST_GROUPS} of each.`;
  const figures = `${own} (95 % limits ${signed(limits.low)} to ${signed(limits.high)})`;
  if (isNoise) return `${figures}: within noise.`;
  return `${figures}: ${difference > 0 ? 'B' : 'A'} is better.`;
}

function errors(verb: string, what: string, tested: Comparison['misses']): string {
  const { onlyA, onlyB, both, of, againstA, againstB, p } = tested;
  const counts = `Of ${of} ${what} both models ${verb} ${both}, A alone ${onlyA}, B alone ${onlyB}`;
  if (onlyA + onlyB === 0) return `${counts}: no difference.`;
  const isSingle = onlyA === againstA && onlyB === againstB;
  const votes = isSingle ? '' : `; more by A in ${counted(againstA, 'group')}, by B in ${counted(againstB, 'group')}`;
  const test = `exact McNemar by groups, p = ${p < 0.001 ? p.toExponential(1) : p.toFixed(3)}`;
  return `${counts}${votes}: ${fewerErrors(tested)} (${test}).`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
