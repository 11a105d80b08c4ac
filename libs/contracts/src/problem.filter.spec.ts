import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeBoard } from '../../../test/factories/live.js';
import { startPageServer } from '../../../test/factories/page-server.js';
import { tempDir } from '../../../test/factories/tools.js';
import type { HttpProblem } from './jobs.js';

describe('a request that nobody can answer', () => {
  it('is answered with a code and words, whoever found it: path, body, its size, charset and encoding', async () => {
    const { url } = await startPageServer({ board: makeBoard(), page: tempDir() });
    const json = { 'content-type': 'application/json' };
    const post = (body: string, headers = {}): RequestInit => ({
      method: 'POST',
      body,
      headers: { ...json, ...headers },
    });
    const cases: [string, RequestInit, number, string][] = [
      ['/api/nothing', {}, 404, 'HTTP_404'],
      ['/nowhere', post('{}'), 404, 'HTTP_404'],
      ['/api/frames/%E0%A4%A/picture', {}, 400, 'HTTP_400'],
      ['/api/overrides', post('{ no json'), 400, 'HTTP_400'],
      ['/api/overrides', post('{}', { 'content-type': 'application/json; charset=none' }), 415, 'HTTP_415'],
      ['/api/overrides', post('{}', { 'content-encoding': 'none' }), 415, 'HTTP_415'],
      ['/api/overrides', post(JSON.stringify({ remark: 'x'.repeat(200_000) })), 413, 'HTTP_413'],
      ['/api/overrides', post('{}'), 400, 'BODY_INVALID'],
      ['/api/frames/none/picture', {}, 404, 'PICTURE_NOT_KEPT'],
    ];
    for (const [path, request, status, code] of cases) {
      const response = await fetch(url + path, request);
      const { message, ...answer } = (await response.json()) as HttpProblem;
      assert.deepEqual([response.status, answer], [status, { code }], path);
      assert.ok(message.length > 0);
    }
  });
});
