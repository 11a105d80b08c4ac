import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { tempDir } from '../../../../../test/factories/tools.js';
import { ProcessCall } from './process-call.js';

/** A process of the bench that runs this text. */
function startCall(text: string): ProcessCall<object, { kind: 'opened' }> {
  const file = join(tempDir(), 'process.mjs');
  writeFileSync(file, text);
  return ProcessCall.start(pathToFileURL(file), 'The cameras');
}

describe('a process of the bench that cannot go on', () => {
  it('is told by what it said last, and ended: BENCH_PROCESS', async () => {
    const call = startCall(
      "setInterval(() => undefined, 1e6); process.send({ kind: 'failed', message: 'no broker' });",
    );
    await assert.rejects(call.answer('opened'), {
      code: 'BENCH_PROCESS',
      message: 'The cameras cannot go on: no broker.',
    });
    await call.stop();
  });

  it('is told by its exit code where it just ends', async () => {
    await assert.rejects(startCall('process.exit(3)').answer('opened'), {
      code: 'BENCH_PROCESS',
      message: 'The cameras cannot go on: the process ended with exit code 3.',
    });
  });
});
