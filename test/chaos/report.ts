import { writePart } from '../../apps/cli/src/bench/written-part.js';
import type { Row } from './fault.js';
import { describeMachine, printTable } from './table.js';

/** Show the matrix to the world. @throws InputError BENCH_REPORT */
export function writeReport(file: string, rows: readonly Row[]): Promise<void> {
  const command = ['npm run test:chaos --', ...process.argv.slice(2)].join(' ');
  const made = `Made on ${new Date().toISOString().slice(0, 10)} by \`${command}\`\non ${describeMachine()}.`;
  return writePart(file, 'what npm run test:chaos writes', `${made}\n\n${printTable(rows)}`);
}
