import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpProblem } from '#contracts';
import { makeBoard } from '../factories/live.js';
import { startPageServer } from '../factories/page-server.js';

describe('the built page', () => {
  it('is always asked for anew, may run its own scripts only, and answers for every path of the page', async () => {
    const { url } = await startPageServer({ board: makeBoard() });
    const index = await (await fetch(`${url}/`)).text();
    for (const path of ['/', '/index.html', '/wall?camera=cam1']) {
      const response = await fetch(`${url}${path}`);
      assert.equal(response.status, 200, path);
      assert.equal(response.headers.get('cache-control'), 'no-cache', path);
      assert.match(
        response.headers.get('content-security-policy') ?? '',
        /default-src 'none'; script-src 'self';/,
        path,
      );
      assert.equal(await response.text(), index, path);
    }
  });

  it('keeps files named by their content for good', async () => {
    const { url } = await startPageServer({ board: makeBoard() });
    const index = await (await fetch(`${url}/`)).text();
    const [, script] = /src="(\/assets\/[^"]+\.js)"/.exec(index) ?? [];
    const response = await fetch(`${url}${script}`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.match(response.headers.get('content-type') ?? '', /javascript/);
  });

  it('never stands in for a file or an answer that is not there', async () => {
    const { url } = await startPageServer({ board: makeBoard() });
    const answers = ['/api/nothing', '/api', '/metrics', '/health/nothing'];
    const files = ['/assets/index-old.js', '/favicon.ico', '/wall/index.php', '/..%2f..%2f..%2fpackage.json'];
    for (const path of [...answers, ...files]) {
      const response = await fetch(`${url}${path}`);
      const { code } = (await response.json()) as HttpProblem;
      assert.deepEqual([response.status, code], [404, 'HTTP_404'], path);
    }
  });
});
