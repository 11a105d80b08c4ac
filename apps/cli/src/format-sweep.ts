import { FIGURE_KINDS } from '../../trainer/src/sweep/figures.js';
import type { Estimate } from '../../trainer/src/sweep/rank.js';
import { describeStanding, rowsOf } from '../../trainer/src/sweep/results.js';
import type { SweepOutcome } from '../../trainer/src/sweep/run-sweep.js';
import type { SweepFile } from '../../trainer/src/sweep/sweep-file.js';
import { formatTable } from './print-table.js';

/** The ranked table of a sweep for a person: every mean with its interval, and what is within noise. */
export function formatSweep(outcome: SweepOutcome, sweep: SweepFile): string {
  const { title } = FIGURE_KINDS[sweep.rankBy];
  const rows = rowsOf(outcome, sweep).map((row) => [
    String(row.place ?? '-'),
    row.effort === null ? row.name : `${row.name} (at ${row.effort})`,
    range(row.estimate),
    range(row.behind),
    row.secondsPerTrial === null ? '-' : row.secondsPerTrial.toFixed(0),
    describeStanding(row),
  ]);
  const head = ['', 'CANDIDATE', `${title} (95 %)`, 'BEHIND THE FIRST (95 %)', 'S/TRIAL', 'STANDING'];
  return `${sweep.title}: validation, seeds ${sweep.seeds.join(', ')}\n${formatTable(head, rows)}\n`;
}

function range(value: Estimate | null): string {
  if (value === null) return '-';
  const { mean, limits } = value;
  return limits === null
    ? `${mean.toFixed(4)} (too few groups)`
    : `${mean.toFixed(4)} (${limits.low.toFixed(4)} to ${limits.high.toFixed(4)})`;
}
