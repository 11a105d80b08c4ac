import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { TrainerConfig } from '#config';
import { JOBS_PATH, Job, JobsDelta, JobsSnapshot } from '#contracts';
import { type RunningTrainer, startTrainer } from '../../apps/trainer/src/main.js';
import { tempDir } from './tools.js';

/** Stands where `lineside train` stands: says what it was asked for, then does what `--group=…` tells it. */
const FAKE_TRAIN = `
import { writeFileSync } from 'node:fs';
const args = process.argv.slice(2);
const value = (flag) => args.find((arg) => arg.startsWith(flag + '='))?.slice(flag.length + 1);
const act = value('--group') ?? 'done';
const ts = '2026-01-01T00:00:00.000Z';
const say = (event) => process.stdout.write(JSON.stringify({ ts, ...event }) + '\\n');
const step = { event: 'step', step: 'args', text: args.join(' ') };
writeFileSync(value('--out') + '/metrics.jsonl', JSON.stringify({ ts, ...step }) + '\\n{"event":"st');
console.log('a library prints this');
if (act === 'stubborn') process.on('SIGTERM', () => say({ event: 'step', step: 'term', text: 'ignored' }));
say(step);
if (act === 'done') say({ event: 'done', modelId: 'm1', out: value('--out') });
else if (act === 'wait' || act === 'stubborn') setInterval(() => {}, 1000);
else if (act === 'crash') { console.error('out of memory'); process.exitCode = 134; }
else { say({ event: 'failed', code: act.toUpperCase(), message: act }); process.exitCode = act === 'gate' ? 2 : 1; }
`;

export interface TrainerRig {
  readonly dir: string;
  readonly registry: string;
  readonly trainer: RunningTrainer;
  readonly socket: Socket;
  /** What it has logged. */
  readonly log: readonly Record<string, unknown>[];
}

/** A trainer on a free port with a stand-in for the training process, and a socket on its jobs. Ends with the test. */
export async function startTrainerRig(own: { dir?: string; maxQueued?: number } = {}): Promise<TrainerRig> {
  const dir = own.dir ?? tempDir();
  const registry = join(dir, 'registry');
  const script = join(dir, 'fake-train.mjs');
  writeFileSync(script, FAKE_TRAIN);
  const config = TrainerConfig.parse({
    trainer: {
      runsDir: join(dir, 'runs'),
      cacheDir: join(dir, 'cache'),
      weightsDir: join(dir, 'weights'),
      maxQueued: own.maxQueued ?? 2,
      killAfterMs: 300,
    },
    registry: { dir: registry },
    http: { port: 0 },
  });
  const log: Record<string, unknown>[] = [];
  const trainer = await startTrainer({
    config,
    logger: pino({ base: null, timestamp: false }, { write: (line) => log.push(JSON.parse(line)) }),
    command: [process.execPath, script],
  });
  const rig = { dir, registry, trainer, log, socket: io(trainer.url, { path: JOBS_PATH, transports: ['websocket'] }) };
  after(() => stopTrainerRig(rig));
  return rig;
}

export async function stopTrainerRig({ socket, trainer }: TrainerRig): Promise<void> {
  socket.close();
  await trainer.stop();
}

/** One HTTP call; a body is sent as JSON. */
export async function call<T>(
  rig: TrainerRig,
  request: { method: string; path: string; body?: unknown },
): Promise<{ status: number; body: T }> {
  const { method, path, body } = request;
  const response = await fetch(new URL(path, rig.trainer.url), {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
}

/** Start a job whose process does `act`: done, wait, stubborn, crash, gate, or fail with that word as its code. */
export async function startJob(rig: TrainerRig, act: string): Promise<Job> {
  const { body } = await call(rig, { method: 'POST', path: '/api/jobs', body: { data: rig.dir, group: act } });
  return Job.parse(body);
}

/** The job as soon as it is as wanted, by what the socket says. */
export function until(rig: TrainerRig, id: string, isWanted: (job: Job) => boolean): Promise<Job> {
  return new Promise((resolve) => {
    const look = (job: Job): void => {
      if (job.id === id && isWanted(job)) resolve(job);
    };
    rig.socket.on('delta', (message) => look(JobsDelta.parse(message).job));
    rig.socket.once('snapshot', (message) => JobsSnapshot.parse(message).jobs.forEach(look));
    rig.socket.emit('resync');
  });
}
