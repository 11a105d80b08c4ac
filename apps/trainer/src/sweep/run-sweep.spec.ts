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

  it('tries a trial again that failed for its data, which may be mended, and none that learnt for nothing', async () => {
    const data = await makeDataDir(
      ['good', 'defect'].flatMap((kind) => [1, 2, 3, 4, 5].map((n) => `${kind}/${n}.png`)),
    );
    const sweep = SweepFile.parse({ title: 'One', seeds: [1], over: { 'fineTune.epochs': [1] } });
    const triesOf = async (code: string): Promise<number> => {
      const said: string[] = [];
      const event = { event: 'failed', code, message: 'why', ts: '2026-01-01T00:00:00.000Z' };
      const request = {
        ...{ file: 'sweep.yaml', sweep, data: { data }, out: tempDir(), cacheDir: tempDir(), weightsDir: tempDir() },
        command: [
          process.execPath,
          '-e',
          `console.log('${JSON.stringify(event)}'); process.exitCode = 1`,
          '--',
        ] as const,
        onStep: (text: string) => said.push(text),
      };
      for (let i = 0; i < 2; i++)
        await assert.rejects(runSweep(request), { code: 'SWEEP_EMPTY', message: new RegExp(`${code}: why`) });
      return said.filter((text) => !text.endsWith('(finished before)')).length;
    };
    assert.deepEqual(
      [await triesOf('IMAGE_SIZE'), await triesOf('CLAIM_SAMPLE'), await triesOf('DIVERGED')],
      [2, 2, 1],
    );
  });
});
