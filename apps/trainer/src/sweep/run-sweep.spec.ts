import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeDataDir } from '../../../../test/factories/labelled-pictures.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { runSweep } from './run-sweep.js';
import { SweepFile } from './sweep-file.js';

describe('a sweep', () => {
  it('refuses data that lacks the columns of the plan before any trial: CSV_INVALID', async () => {
    const data = await makeDataDir([], { 'split.csv': 'path,label,lot\ngood/0.png,good,a\ndefect/0.png,defect,b\n' });
    for (const column of ['splitBy', 'stratifyBy']) {
      const sweep = SweepFile.parse({ title: 'One', plan: { [column]: 'oven' }, over: { 'fineTune.epochs': [1] } });
      const request = {
        ...{ file: 'sweep.yaml', sweep, data: { data }, out: tempDir(), cacheDir: tempDir(), weightsDir: tempDir() },
        command: ['no-such-program', ''] as const,
        onStep: () => undefined,
      };
      await assert.rejects(runSweep(request), { code: 'CSV_INVALID', message: /column oven is not there/ });
    }
  });
});
