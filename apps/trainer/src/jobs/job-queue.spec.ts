import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { DependencyError, type Job, type JobState, TrainRequest } from '#contracts';
import { tempDir } from '../../../../test/factories/tools.js';
import { JobFiles } from './job-files.js';
import { JobQueue } from './job-queue.js';

/** A training that is done at once, waits to be ended (`--set=act=wait`), or is done and waits then (`--set=act=linger`). */
const TRAIN = `
const ts = '2026-01-01T00:00:00.000Z';
const say = (event) => process.stdout.write(JSON.stringify({ ts, ...event }) + '\\n');
if (process.argv.includes('--set=act=wait')) setInterval(() => say({ event: 'step', step: 'wait', text: '' }), 10);
else say({ event: 'done', modelId: 'm1', out: '' });
if (process.argv.includes('--set=act=linger')) setInterval(() => undefined, 1_000);`;

/** A queue whose folder can be taken away in one go, as a disk that fails takes it. */
function makeQueue({ retryMs = 10 } = {}) {
  const place = tempDir();
  const dir = join(place, 'runs');
  const lead = (to: string): void => {
    symlinkSync(join(place, to), `${dir}.new`);
    renameSync(`${dir}.new`, dir);
  };
  mkdirSync(join(place, 'disk'));
  writeFileSync(join(place, 'no-disk'), '');
  lead('disk');
  const heard: Job[] = [];
  const errors: unknown[] = [];
  const listeners = new Set<(job: Job) => void>();
  const progressed = new Set<(job: Job) => void>();
  const files = new JobFiles(dir);
  const queue = new JobQueue({
    files,
    command: [process.execPath, '--input-type=module', '-e', TRAIN, '--'],
    registry: '/registry',
    cacheDir: '/cache',
    weightsDir: '/weights',
    maxQueued: 3,
    killAfterMs: 1_000,
    retryMs,
    onChange: (job) => {
      heard.push(job);
      for (const listen of listeners) listen(job);
    },
    onProgress: (job) => {
      for (const listen of progressed) listen(job);
    },
    onError: (error) => errors.push(error),
  });
  after(() => queue.stop());
  return {
    ...{ dir, queue, heard, errors, listeners },
    /** The job as soon as it is heard to be in that state. */
    until: (state: JobState, id?: string) =>
      new Promise<Job>((resolve) => {
        const look = (job: Job): void => {
          if (job.state === state && (id === undefined || job.id === id)) resolve(job);
        };
        heard.forEach(look);
        listeners.add(look);
      }),
    /** When a job's process says so, whatever state the job is in. */
    untilSaid: (event: string) =>
      new Promise<void>((resolve) => progressed.add(({ progress }) => progress?.event === event && resolve())),
    recorded: (id: string): JobState => JSON.parse(readFileSync(join(dir, id, 'job.json'), 'utf8')).state,
    breakDisk: () => lead('no-disk'),
    mendDisk: () => lead('disk'),
  };
}

const job = (act: string): TrainRequest => TrainRequest.parse({ data: '/data', set: { act } });
const noRecord = { name: 'DependencyError', code: 'RUN_FOLDER' };

describe('queue of trainings', () => {
  it('knows no job that could not be recorded, and runs the next one alone', async () => {
    const { queue, heard, until, breakDisk, mendDisk } = makeQueue();
    await queue.start();
    breakDisk();
    await assert.rejects(queue.add(job('done')), noRecord);
    assert.deepEqual(queue.list(), []);
    mendDisk();
    const { id } = await queue.add(job('done'));
    await until('done');
    assert.deepEqual([...new Set(heard.map((each) => each.id))], [id]);
  });

  it('starts nothing that the disk does not know to run, and goes on by itself when the disk is back', async () => {
    const { queue, errors, listeners, until, breakDisk, mendDisk } = makeQueue();
    await queue.start();
    const breakOnce = (): void => {
      listeners.delete(breakOnce);
      breakDisk();
    };
    listeners.add(breakOnce);
    const { id, state } = await queue.add(job('done'));
    assert.equal(state, 'queued');
    assert.ok(errors[0] instanceof DependencyError);
    mendDisk();
    await until('done', id);
  });

  it('ends a job whose end cannot be recorded, then records it and goes on with the one that waits', async () => {
    const { queue, until, recorded, breakDisk, mendDisk } = makeQueue();
    await queue.start();
    const first = await queue.add(job('wait'));
    const second = await queue.add(job('done'));
    breakDisk();
    assert.equal((await queue.cancel(first.id)).state, 'cancelled');
    assert.equal(queue.find(second.id).state, 'queued');
    mendDisk();
    await until('done', second.id);
    assert.equal(recorded(first.id), 'cancelled');
  });

  it('leaves a job that waits as it is when its cancel cannot be recorded', async () => {
    const { queue, until, breakDisk, mendDisk } = makeQueue();
    await queue.start();
    const first = await queue.add(job('wait'));
    const second = await queue.add(job('done'));
    breakDisk();
    await assert.rejects(queue.cancel(second.id), noRecord);
    assert.equal(queue.find(second.id).state, 'queued');
    mendDisk();
    await queue.cancel(first.id);
    await until('done', second.id);
  });

  it('runs one at a time also when several are asked for at once, and lets no more wait than it may', async () => {
    const { queue } = makeQueue();
    await queue.start();
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => queue.add(job('wait'))));
    const states = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.state : answer.reason.code));
    assert.deepEqual(states, ['running', 'queued', 'queued', 'queued', 'QUEUE_FULL', 'QUEUE_FULL']);
  });

  it('lets an ended job wait again only where there is room for it', async () => {
    const { queue } = makeQueue();
    await queue.start();
    const { id } = await queue.add(job('wait'));
    await queue.cancel(id);
    const [, next] = await Promise.all(Array.from({ length: 4 }, () => queue.add(job('wait'))));
    await assert.rejects(queue.resume(id), { name: 'DependencyError', code: 'QUEUE_FULL' });
    assert.equal(queue.find(id).state, 'cancelled');
    await queue.cancel(next?.id ?? '');
    assert.equal((await queue.resume(id)).state, 'queued');
  });

  it('calls a job done that had said so before it was cancelled or the trainer stopped', async () => {
    const { queue, recorded, untilSaid } = makeQueue();
    await queue.start();
    const saidOf = untilSaid('done');
    const first = await queue.add(job('linger'));
    await saidOf;
    assert.equal((await queue.cancel(first.id)).state, 'done');
    const saidAgain = untilSaid('done');
    const second = await queue.add(job('linger'));
    await saidAgain;
    await queue.stop();
    assert.deepEqual([recorded(first.id), recorded(second.id), queue.find(second.id).error], ['done', 'done', null]);
  });

  it('fails a recorded job that no process can be started for, and goes on with the next', async () => {
    const { dir, queue, until } = makeQueue();
    const none = null;
    const base = { state: 'queued', createdTs: '2026-01-01T00:00:00.000Z', startedTs: none, endedTs: none };
    for (const [id, data] of [
      ['1', '/da\0ta'],
      ['2', '/data'],
    ] as const) {
      const record = { ...base, id, request: { data, set: {} }, progress: none, modelId: none, error: none };
      mkdirSync(join(dir, id), { recursive: true });
      writeFileSync(join(dir, id, 'job.json'), JSON.stringify(record));
    }
    await queue.start();
    const { error } = await until('failed', '1');
    assert.equal(error?.code, 'TRAIN_CRASHED');
    assert.match(error?.message ?? '', /null bytes/);
    await until('done', '2');
  });

  it('tells whether jobs can be recorded, and leaves nothing behind', async () => {
    const { dir, queue, breakDisk } = makeQueue();
    await queue.probe();
    assert.deepEqual(readdirSync(dir), []);
    breakDisk();
    await assert.rejects(queue.probe(), noRecord);
  });
});
