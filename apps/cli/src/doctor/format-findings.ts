import { formatTable } from '../print-table.js';
import type { Finding } from './finding.js';

/** A line per thing, and under it what to do about its gap. */
export function formatFindings(findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ about, state, found, advice }) => {
    const lines = [...found.split('\n'), ...(advice === null ? [] : [`-> ${advice}`])];
    return lines.map((line, i) => (i === 0 ? [state, about, line] : ['', '', line]));
  });
  return `${formatTable(['STATE', 'WHAT', 'FOUND'], rows)}\n`;
}
