import { compareNames, groupOf, type Sample } from './sample.js';

/**
 * Samples that must stay on one side, together: one list per group. Once pictures were opened, groups that share one,
 * byte for byte or as a twin, are one group, whatever their names say.
 * @returns in an order that depends on names alone
 */
export function groupsOf(samples: readonly Sample[]): Sample[][] {
  const groupByKey = new Map<string, Sample[]>();
  for (const sample of [...samples].sort((a, b) => compareNames(a.path, b.path))) {
    const known = keysOf(sample).map((key) => groupByKey.get(key));
    const [own = [], ...joined] = new Set(known.filter((group) => group !== undefined));
    own.push(...joined.flat(), sample);
    for (const member of [sample, ...joined.flat()]) {
      for (const key of keysOf(member)) groupByKey.set(key, own);
    }
  }
  return [...new Set(groupByKey.values())].sort((a, b) => compareNames(nameOf(a), nameOf(b)));
}

function nameOf([first]: readonly Sample[]): string {
  return first === undefined ? '' : groupOf(first);
}

function keysOf(sample: Sample): string[] {
  const bytes = sample.sha256 === undefined ? [] : [`bytes ${sample.sha256}`];
  const kin = sample.kin === undefined ? [] : [`kin ${sample.kin}`];
  return [groupOf(sample), ...bytes, ...kin];
}
