import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { makeDataDir } from '../../../test/factories/labelled-pictures.js';
import { tempDir } from '../../../test/factories/tools.js';
import { refuseAmongClasses } from './take-out.js';

const PATHS = ['good/1.png', 'crack/1.png'];

describe('an --out and the data', () => {
  it('is refused among class folders, however it is written: OUT_IN_DATA', async () => {
    const data = await makeDataDir(PATHS);
    const link = join(tempDir(), 'link');
    symlinkSync(data, link);
    const among = [data, `${data}/`, join(data, 'run'), join(data, 'good/runs/1'), join(link, 'run')];
    for (const out of [...among, relative(process.cwd(), join(data, 'run'))])
      await assert.rejects(refuseAmongClasses({ data }, out), { name: 'InputError', code: 'OUT_IN_DATA' }, out);
    await assert.rejects(refuseAmongClasses({ data: link }, join(data, 'run')), { code: 'OUT_IN_DATA' });
  });

  it('may lie beside the classes, above them, in a hidden folder, or wherever a CSV names the pictures', async () => {
    const data = await makeDataDir(PATHS);
    for (const out of [`${data}-run`, join(data, '..'), join(data, '.runs/1'), tempDir()])
      await refuseAmongClasses({ data }, out);
    const csv = { 'split.csv': 'path,label\ngood/1.png,good\ncrack/1.png,crack\n', 'other.csv': 'path,label\n' };
    const listed = await makeDataDir(PATHS, csv);
    await refuseAmongClasses({ data: listed }, join(listed, 'run'));
    await refuseAmongClasses({ data, split: join(listed, 'other.csv') }, join(data, 'run'));
  });
});
