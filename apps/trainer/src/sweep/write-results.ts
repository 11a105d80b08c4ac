import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { writeWhole } from '../write-whole.js';
import { readCurves } from './curves.js';
import { drawSweep } from './draw-sweep.js';
import { describeStanding, rowsOf } from './results.js';
import type { SweepOutcome, SweepRequest } from './run-sweep.js';

/** Write what a sweep found beside its trials: `sweep.json`, `sweep.csv` and `sweep.html`, each whole. */
export async function writeResults(outcome: SweepOutcome, request: SweepRequest): Promise<readonly string[]> {
  const { sweep, out, data, file } = request;
  const rows = rowsOf(outcome, sweep);
  const report = { schema: 'lineside.sweep/1', file, data, sweep, rows };
  const files = {
    'sweep.json': `${JSON.stringify(report, null, 2)}\n`,
    'sweep.csv': stringify(
      rows.map(({ place, name, effort, estimate, behind, figures, seeds, secondsPerTrial, ...row }) => [
        place ?? '',
        name,
        effort ?? '',
        ...[estimate, behind].flatMap((one) => [one?.mean ?? '', one?.limits?.low ?? '', one?.limits?.high ?? '']),
        ...(figures === null ? ['', '', '', ''] : Object.values(figures)),
        seeds,
        secondsPerTrial ?? '',
        describeStanding({ place, behind, seeds, ...row }),
        JSON.stringify(row.settings),
      ]),
      { header: true, columns: COLUMNS },
    ),
    'sweep.html': drawSweep({ ...report, curves: await readCurves(outcome, out) }),
  };
  for (const [name, text] of Object.entries(files)) await writeWhole(join(out, name), text);
  return Object.keys(files).map((name) => join(out, name));
}

const COLUMNS = [
  ...['place', 'candidate', 'effort', 'mean', 'low95', 'high95', 'behind', 'behindLow95', 'behindHigh95'],
  ...['auroc', 'averagePrecision', 'maxF1', 'overkillAt95', 'seeds', 'secondsPerTrial', 'standing', 'settings'],
];
