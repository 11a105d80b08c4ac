import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../../../../test/factories/tools.js';
import { DataFolder } from './data-folder.js';

describe('a data folder', () => {
  it('belongs to one inspector at a time', () => {
    const dir = join(tempDir(), 'data');
    const first = new DataFolder(dir);
    const second = new DataFolder(dir);
    first.take();
    assert.throws(() => second.take(), { code: 'DATA_FOLDER_TAKEN', message: new RegExp(dir) });
    first.release();
    second.take();
    second.release();
  });

  it('is refused by name where it cannot be made', () => {
    const file = join(tempDir(), 'a-file');
    writeFileSync(file, '');
    assert.throws(() => new DataFolder(join(file, 'data')).take(), {
      code: 'DATA_FOLDER',
      message: /inspector\.dataDir/,
    });
  });
});
