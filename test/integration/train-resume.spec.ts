import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TrainEvent } from '#contracts';
import { ModelCard } from '#model/card';
import { writeSampleDataset } from '../../apps/simulator/src/sample-data.js';
import { tempDir } from '../factories/tools.js';

const LINESIDE = fileURLToPath(new URL('../../program/lineside.js', import.meta.url));

// Steps of tens of milliseconds: a signal sent after an epoch finds the next one at work.
const SMALL = [
  'resize={width: 64, height: 64}',
  'features.epochs=2',
  'fineTune.freeze=block7a',
  'fineTune.epochs=6',
  'fineTune.averaging=0.9',
  'precision.make=[]',
  'report.write=false',
  'backend=wasm',
  'workers=1',
].flatMap((setting) => ['--set', setting]);

it('a training that is killed and then stopped goes on to the very same model', async () => {
  const dir = tempDir();
  const data = join(dir, 'data');
  await writeSampleDataset(data, { seed: 5, count: 60, defectShare: 0.5 });
  const into = (name: string) => ['--data', data, '--out', join(dir, name), '--registry', join(dir, 'registry')];
  const cache = ['--cache', join(dir, 'cache')];
  const run = (name: string, args: string[], end?: End) => trainUntil([...into(name), ...cache, ...args], end);

  assert.equal(await run('whole', SMALL), 0);
  assert.equal(await run('broken', SMALL, { epoch: 2, signal: 'SIGKILL' }), 'SIGKILL');
  assert.ok(existsSync(join(dir, 'broken', 'checkpoint')));
  assert.equal(await run('broken', SMALL), 1, 'nobody said what becomes of what it has learnt');
  assert.equal(await run('broken', ['--resume'], { epoch: 3, signal: 'SIGHUP' }), 'SIGHUP');
  const stops = () => readFileSync(join(dir, 'broken', 'metrics.jsonl'), 'utf8').split('"code":"STOPPED"').length - 1;
  assert.equal(stops(), 1, 'its terminal is closed');
  assert.equal(await run('broken', ['--resume'], { epoch: 4, signal: 'SIGTERM' }), 1);
  assert.equal(stops(), 2);
  assert.equal(await run('broken', ['--resume', ...SMALL, '--set', 'seed=2']), 1, 'another plan is refused');
  assert.equal(await run('broken', ['--resume']), 0);
  assert.ok(!existsSync(join(dir, 'broken', 'checkpoint')));

  const hashOf = (name: string) =>
    ModelCard.parse(JSON.parse(readFileSync(join(dir, name, 'card.json'), 'utf8'))).weightsSha256;
  assert.equal(hashOf('broken'), hashOf('whole'));
});

it('a training that draws its variants anew ends when it is stopped, and leaves none of them behind', async () => {
  const dir = tempDir();
  const [data, cache] = [join(dir, 'data'), join(dir, 'cache')];
  await writeSampleDataset(data, { seed: 5, count: 60, defectShare: 0.5 });
  const drawn = ['--set', 'augment.cache=off', '--set', 'augment.rotation=5'];
  const args = ['--data', data, '--out', join(dir, 'run'), '--cache', cache, '--trial', ...SMALL, ...drawn];
  assert.equal(await trainUntil(args, { epoch: 1, signal: 'SIGTERM' }), 1);
  assert.deepEqual(
    readdirSync(cache).filter((name) => name.startsWith('fresh')),
    [],
  );
});

interface End {
  /** Of fine-tuning, after which the signal is sent. */
  readonly epoch: number;
  readonly signal: NodeJS.Signals;
}

/** How a training ends: its exit code, or the signal that ended it. */
async function trainUntil(args: readonly string[], end?: End): Promise<number | NodeJS.Signals> {
  const child = spawn(process.execPath, [LINESIDE, 'train', '--events', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const closed = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    const event = TrainEvent.safeParse(line.startsWith('{') ? JSON.parse(line) : null).data;
    if (event?.event !== 'epoch' || event.phase !== 'fine-tune' || event.epoch !== end?.epoch) continue;
    child.kill(end.signal);
    if (end.signal !== 'SIGHUP') continue;
    // A terminal that is closed says it twice, and nobody reads what is printed.
    child.kill(end.signal);
    break;
  }
  child.stdout.destroy();
  const [exitCode, signal] = await closed;
  return exitCode ?? signal;
}
