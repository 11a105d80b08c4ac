import type { CounterName, Counters } from '../../apps/inspector/src/health/counters.js';

/** A figure of a Prometheus text, over all its labels. @param name without the prefix `lineside_` */
export function sumOf(text: string, name: string): number {
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`lineside_${name}{`) || line.startsWith(`lineside_${name} `));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** A counter of these, over all its labels. */
export async function countOf(counters: Counters, name: CounterName): Promise<number> {
  return sumOf(await counters.print(), `${name}_total`);
}
