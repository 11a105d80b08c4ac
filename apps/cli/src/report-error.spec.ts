import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InputError, RefusedError } from '#contracts';
import { reportError } from './report-error.js';

describe('what a failed command says', () => {
  it('names code and message of our own errors and exits 1, or 2 where a gate refused', () => {
    assert.deepEqual(reportError(new InputError('DATA_EMPTY', 'No pictures.'), false), {
      exitCode: 1,
      text: 'error DATA_EMPTY: No pictures.',
    });
    assert.deepEqual(reportError(new RefusedError('PROMOTE_NAME', 'No name.'), false), {
      exitCode: 2,
      text: 'refused PROMOTE_NAME: No name.',
    });
  });

  it('says what to do about a full disk, a port in use and a path that leads nowhere', () => {
    for (const [code, says] of [
      ['ENOSPC', /disk is full/],
      ['EADDRINUSE', /port is in use/],
      ['ENOENT', /no such file or folder/],
      ['ENOTDIR', /a folder was expected/],
      ['EISDIR', /a file was expected/],
      ['EEXIST', /already/],
    ] as const) {
      const { exitCode, text } = reportError(Object.assign(new Error('write failed'), { code }), false);
      assert.equal(exitCode, 1);
      assert.match(text ?? '', says);
    }
  });

  it('says the code of a system error once', () => {
    const error = Object.assign(new Error("EEXIST: file already exists, mkdir 'cache'"), { code: 'EEXIST' });
    assert.match(reportError(error, false).text ?? '', /^error EEXIST: file already exists, mkdir 'cache'\. /);
  });

  it('shows stacks and causes only where they are asked for', () => {
    const error = new InputError('CSV_INVALID', 'Bad.', { cause: new Error('line 3') });
    assert.doesNotMatch(reportError(error, false).text ?? '', / {4}at /);
    assert.match(reportError(error, true).text ?? '', / {4}at .*caused by Error: line 3/s);
    assert.match(
      reportError(new TypeError('x is not a function'), false).text ?? '',
      /^error INTERNAL: .*LINESIDE_DEBUG/,
    );
    assert.match(reportError('words', false).text ?? '', /^error INTERNAL: words/);
  });

  it('adds nothing to what the command line has said itself', () => {
    const usage = Object.assign(new Error('unknown option'), { code: 'commander.unknownOption', exitCode: 1 });
    assert.deepEqual(reportError(usage, false), { exitCode: 1, text: null });
  });
});
