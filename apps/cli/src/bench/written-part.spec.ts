import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../../../../test/factories/tools.js';
import { writePart } from './written-part.js';

const PAGE = 'A person says.\n<!-- a table -->\nold\n<!-- end of a table -->\nAnd goes on.\n';

describe('the written part of a page', () => {
  it('is all that changes', async () => {
    const file = join(tempDir(), 'page.md');
    writeFileSync(file, PAGE);
    await writePart(file, 'a table', '| 1 |\n');
    assert.equal(readFileSync(file, 'utf8'), PAGE.replace('\nold\n', '\n\n| 1 |\n\n'));
  });

  it('must be there, and the page is left alone where it is not', async () => {
    const file = join(tempDir(), 'page.md');
    await assert.rejects(writePart(file, 'a table', ''), { code: 'BENCH_REPORT', message: /cannot be read/ });
    writeFileSync(file, PAGE);
    await assert.rejects(writePart(file, 'another', ''), { code: 'BENCH_REPORT', message: /<!-- end of another -->/ });
    assert.equal(readFileSync(file, 'utf8'), PAGE);
  });
});
