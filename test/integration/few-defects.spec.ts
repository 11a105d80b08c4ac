import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { benchFewDefects, type FewDefectsRow } from '../../apps/cli/src/bench/few-defects.js';
import { writeSampleDataset } from '../../apps/simulator/src/sample-data.js';
import { tempDir } from '../factories/tools.js';

describe('lineside bench few-defects', () => {
  it('has one-class mode, a refusal without defects and a classifier with all, and does no run twice', async () => {
    const dir = tempDir();
    const data = join(dir, 'data');
    await writeSampleDataset(data, { seed: 5, count: 60, defectShare: 0.5 });
    const out = join(dir, 'runs');
    const table = join(data, 'split.csv');
    const [header = '', ...rowsOfTable] = (await readFile(table, 'utf8')).trim().split('\n');
    const sided = rowsOfTable.map((row, at) => row.replace(/,(train|val),/, at % 3 === 0 ? ',test,' : ',train,'));
    await writeFile(table, [header, ...sided].join('\n'));

    const bench = async (): Promise<FewDefectsRow[]> =>
      benchFewDefects({
        ...{ data, out, split: undefined, good: undefined, group: 'path', counts: [0], seed: 1 },
        settings: {
          'oneClass.patches': '20',
          'resize.width': '64',
          'resize.height': '64',
          'fineTune.epochs': '0',
          'precision.make': '[]',
          'report.write': 'false',
          guard: 'off',
          backend: 'wasm',
        },
        weightsDir: join(dir, 'weights'),
        onRow: () => undefined,
      });
    const rows = await bench();
    assert.deepEqual(
      rows.map(({ mode, defects, figures, refused }) => [
        mode,
        defects === 0 ? 0 : typeof defects,
        figures !== null,
        refused,
      ]),
      [
        ['one-class', 'object', true, null],
        ['classifier', 0, false, 'TOO_FEW'],
        ['classifier', 'number', true, null],
      ],
    );
    const card = join(out, 'one-class-0-seed-1', 'run', 'card.json');
    const { mtimeMs } = await stat(card);
    assert.deepEqual(await bench(), rows);
    assert.equal((await stat(card)).mtimeMs, mtimeMs);
  });
});
