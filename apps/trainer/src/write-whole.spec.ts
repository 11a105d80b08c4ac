import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../../../test/factories/tools.js';
import { writeWhole } from './write-whole.js';

describe('writeWhole', () => {
  it('makes the folders above the file', async () => {
    const file = join(tempDir(), 'not', 'yet', 'report.json');
    await writeWhole(file, 'all');
    assert.equal(readFileSync(file, 'utf8'), 'all');
  });

  it('leaves nothing half-written where it fails', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'taken'));
    await assert.rejects(writeWhole(join(dir, 'taken'), 'all'), { code: 'EISDIR' });
    assert.deepEqual(readdirSync(dir), ['taken']);
  });
});
