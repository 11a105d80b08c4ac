import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tempDir } from '../../../../test/factories/tools.js';
import { JobProcess } from './job-process.js';

const OPTIONS = {
  request: { data: '/data', set: {} },
  registry: '/registry',
  cacheDir: '/cache',
  weightsDir: '/weights',
  onEvent: () => undefined,
};

describe('training process', () => {
  it('ends at once, with its reason, where the program cannot be started', async () => {
    const run = JobProcess.start({ ...OPTIONS, command: ['/no/such/program'], out: tempDir() });
    const { exitCode, signal, lastWords } = await run.ended;
    assert.deepEqual([exitCode, signal], [null, null]);
    assert.match(lastWords, /ENOENT/);
    assert.equal((await run.cancel(1_000)).exitCode, null);
  });

  it('ends at once, with its reason, where no process can be given its arguments', async () => {
    const request = { data: '/da\0ta', set: {} };
    const run = JobProcess.start({ ...OPTIONS, request, command: [process.execPath], out: tempDir() });
    const { exitCode, lastWords } = await run.cancel(1_000);
    assert.equal(exitCode, null);
    assert.match(lastWords, /null bytes/);
  });

  it('takes the processes that the run has started along when it is cancelled', async () => {
    const script = `
      import { spawn } from 'node:child_process';
      const deaf = "process.on('SIGTERM', () => {}); console.log('deaf'); setInterval(() => {}, 1000)";
      const child = spawn(process.execPath, ['-e', deaf], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ts = '2026-01-01T00:00:00.000Z';
      child.stdout.on('data', () => console.log(JSON.stringify({ event: 'step', step: 'started', text: '', ts })));
      setInterval(() => {}, 1000);`;
    const command = [process.execPath, '--input-type=module', '-e', script, '--'] as const;
    let tellStarted = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      tellStarted = resolve;
    });
    const run = JobProcess.start({ ...OPTIONS, command, out: tempDir(), onEvent: () => tellStarted() });
    await started;
    // Resolves only when nobody holds the run's stderr any more: the deaf one would for ever.
    const { signal } = await run.cancel(100);
    assert.equal(signal, 'SIGTERM');
  });
});
