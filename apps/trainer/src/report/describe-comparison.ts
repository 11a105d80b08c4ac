import type { Comparison, PairedFigures } from '#contracts';
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

function errors(verb: string, what: string, { onlyA, onlyB, both, of, p, isNoise }: Comparison['misses']): string {
  const counts = `Of ${of} ${what} both models ${verb} ${both}, A alone ${onlyA}, B alone ${onlyB}`;
  if (onlyA + onlyB === 0) return `${counts}: no difference.`;
  const test = `exact McNemar by groups, p = ${p < 0.001 ? p.toExponential(1) : p.toFixed(3)}`;
  return `${counts}: ${isNoise ? 'within noise' : `${onlyA < onlyB ? 'A' : 'B'} is better`} (${test}).`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
