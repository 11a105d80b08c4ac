import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeBoard } from '../../../../test/factories/live.js';
import { startPageServer } from '../../../../test/factories/page-server.js';
import { tempDir } from '../../../../test/factories/tools.js';

describe('where the page would be', () => {
  it('stands what builds it, in words, while it is not built', async () => {
    const { url } = await startPageServer({ board: makeBoard(), page: tempDir() });
    const response = await fetch(`${url}/`);
    assert.equal(response.status, 503);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(await response.text(), /not built: npm run build:page/);
    assert.equal((await fetch(`${url}/api/verdicts`)).status, 200, 'the rest answers');
  });

  it('is the page once it is built', async () => {
    const page = tempDir();
    writeFileSync(join(page, 'index.html'), '<title>Lineside</title>');
    const { url } = await startPageServer({ board: makeBoard(), page });
    assert.equal(await (await fetch(`${url}/`)).text(), '<title>Lineside</title>');
  });
});
