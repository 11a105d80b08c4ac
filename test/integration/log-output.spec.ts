import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { makeConfig, readMetric } from '../factories/inspector.js';
import { freePort, tempDir } from '../factories/tools.js';

const LINESIDE = fileURLToPath(new URL('../../program/lineside.js', import.meta.url));

/** Start a server of `lineside` whose log goes to a disk that is full, and wait until it answers. */
async function startOnFullDisk(name: string, config: object): Promise<{ child: ChildProcess; url: string }> {
  const port = await freePort();
  const file = join(tempDir(), `${name}.yaml`);
  writeFileSync(file, stringify({ ...config, http: { port }, log: { level: 'info' } }));
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [LINESIDE, name, '--config', file], { stdio: ['ignore', full, 'inherit'] });
  closeSync(full);
  after(() => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  const answers = async (): Promise<boolean> => (await fetch(`${url}/health/ready`).catch(() => null))?.status === 200;
  while (!(await answers())) {
    assert.equal(child.exitCode, null, `${name} ended at start`);
    await wait(50);
  }
  return { child, url };
}

async function endBySignal(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  return (await ended)[0];
}

describe('a log that cannot be written, its disk being full', { timeout: 300_000 }, () => {
  it('leaves the inspector at work, is counted, and SIGTERM ends it', async () => {
    const { child, url } = await startOnFullDisk('inspector', await makeConfig({ broker: 'embedded' }));
    assert.ok((await readMetric({ url }, 'log_lines_lost_total')) > 0);
    assert.equal((await fetch(`${url}/health/live`)).status, 200);
    assert.equal(await endBySignal(child), 0);
  });

  it('leaves the trainer at work, is counted, and SIGTERM ends it', async () => {
    const dir = tempDir();
    const trainer = { runsDir: join(dir, 'runs'), cacheDir: join(dir, 'cache'), weightsDir: join(dir, 'weights') };
    const { child, url } = await startOnFullDisk('trainer', { trainer, registry: { dir: join(dir, 'registry') } });
    const ready = (await (await fetch(`${url}/health/ready`)).json()) as { logLinesLost: number };
    assert.ok(ready.logLinesLost > 0);
    assert.equal(await endBySignal(child), 0);
  });
});
