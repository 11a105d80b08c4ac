import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { io } from 'socket.io-client';
import { TrainerConfig } from '#config';
import { type HttpProblem, JOBS_PATH, type Job, JobsDelta, JobsSnapshot, type TrainEvent } from '#contracts';
import { Registry } from '#registry';
import { startTrainer } from '../../apps/trainer/src/main.js';
import { makeArtefact } from '../factories/artefact.js';
import { askWith, FOREIGN_PAGES } from '../factories/foreign-page.js';
import { tempDir } from '../factories/tools.js';
import { call, startJob, startTrainerRig, stopTrainerRig, type TrainerRig, until } from '../factories/trainer.js';

const isOver = ({ endedTs }: Job): boolean => endedTs !== null;
const hasSpoken = ({ progress }: Job): boolean => progress !== null;
const get = <T>(rig: TrainerRig, path: string) => call<T>(rig, { method: 'GET', path });
const cancel = (rig: TrainerRig, id: string) => call<Job>(rig, { method: 'DELETE', path: `/api/jobs/${id}` });

describe('training jobs over HTTP', () => {
  it('runs a job in a process of its own and keeps its record beside the run', async () => {
    const rig = await startTrainerRig();
    const file = join(rig.dir, 'plan.yaml');
    writeFileSync(file, 'seed: 3\n');
    const words = { good: ['--odd'], group: 'done', set: { seed: '7' } };
    const asked = { data: rig.dir, split: file, plan: file, ...words };
    const { status, body } = await call<Job>(rig, { method: 'POST', path: '/api/jobs', body: asked });
    assert.equal(status, 202);
    const job = await until(rig, body.id, isOver);
    assert.deepEqual([job.state, job.modelId, job.error], ['done', 'm1', null]);
    assert.deepEqual((await get(rig, `/api/jobs/${job.id}`)).body, job);
    const run = join(rig.dir, 'runs', job.id);
    assert.deepEqual(JSON.parse(readFileSync(join(run, 'job.json'), 'utf8')), job);
    assert.match(readFileSync(join(run, 'train.log'), 'utf8'), /a library prints this/);
    const [said, ...more] = (await get<TrainEvent[]>(rig, `/api/jobs/${job.id}/events`)).body;
    const flags = `--split=${file} --plan=${file} --group=done --good=--odd --set=seed=7`;
    const told = `train --events --data=${rig.dir} --out=${run} --registry=${rig.registry} --cache=${rig.dir}/cache --weights-dir=${rig.dir}/weights ${flags}`;
    assert.equal(said?.event === 'step' ? said.text : null, told);
    assert.deepEqual(more, []);
  });

  it('tells failed, refused and crashed apart, each with its code', async () => {
    const rig = await startTrainerRig();
    const ends = [
      ['too_few', 'failed', 'TOO_FEW', /too_few/],
      ['gate', 'refused', 'GATE', /gate/],
      ['crash', 'failed', 'TRAIN_CRASHED', /exit code 134 .*out of memory/s],
    ] as const;
    for (const [act, state, code, message] of ends) {
      const job = await until(rig, (await startJob(rig, act)).id, isOver);
      assert.deepEqual([job.state, job.error?.code], [state, code]);
      assert.match(job.error?.message ?? '', message);
    }
  });

  it('cancels a running job, and ends it where it does not listen', async () => {
    const rig = await startTrainerRig();
    for (const act of ['wait', 'stubborn']) {
      const { id } = await startJob(rig, act);
      await until(rig, id, hasSpoken);
      const { status, body } = await cancel(rig, id);
      assert.deepEqual([status, body.state, body.error], [200, 'cancelled', null]);
    }
  });

  it('runs one at a time, lets a bounded number wait, and cancels one that waits', async () => {
    const rig = await startTrainerRig({ maxQueued: 2 });
    const first = await startJob(rig, 'wait');
    await until(rig, first.id, hasSpoken);
    const [second, third] = [await startJob(rig, 'done'), await startJob(rig, 'done')];
    assert.deepEqual([second.state, third.state], ['queued', 'queued']);
    const full = await call<HttpProblem>(rig, { method: 'POST', path: '/api/jobs', body: { data: rig.dir } });
    assert.deepEqual([full.status, full.body.code], [503, 'QUEUE_FULL']);
    const listed = (await get<Job[]>(rig, '/api/jobs')).body.map(({ id }) => id);
    assert.deepEqual(listed, [third.id, second.id, first.id]);
    assert.equal((await cancel(rig, second.id)).body.state, 'cancelled');
    await cancel(rig, first.id);
    assert.equal((await until(rig, third.id, isOver)).state, 'done');
  });

  it('resumes a cancelled job from its checkpoint, and no job that has not ended', async () => {
    const rig = await startTrainerRig();
    const { id } = await startJob(rig, 'wait');
    await until(rig, id, hasSpoken);
    const resume = (path: string) => call<Job & HttpProblem>(rig, { method: 'POST', path });
    const early = await resume(`/api/jobs/${id}/resume`);
    assert.deepEqual([early.status, early.body.code], [409, 'JOB_NOT_ENDED']);
    mkdirSync(join(rig.dir, 'runs', id, 'checkpoint'));
    await cancel(rig, id);
    assert.equal((await resume(`/api/jobs/${id}/resume`)).status, 202);
    const { progress } = await until(rig, id, hasSpoken);
    assert.match(progress?.event === 'step' ? progress.text : '', / --resume/);
    await cancel(rig, id);
  });

  it('goes on after a restart: what ran has failed, what waited runs', async () => {
    const before = await startTrainerRig();
    const running = await startJob(before, 'wait');
    await until(before, running.id, hasSpoken);
    const waiting = await startJob(before, 'done');
    await stopTrainerRig(before);
    const now = await startTrainerRig({ dir: before.dir });
    assert.equal((await until(now, waiting.id, isOver)).state, 'done');
    const { body } = await get<Job>(now, `/api/jobs/${running.id}`);
    assert.deepEqual([body.state, body.error?.code], ['failed', 'INTERRUPTED']);
  });

  it('closes a job that ran when the trainer was killed, and refuses a damaged record', async () => {
    const before = await startTrainerRig();
    const { id } = await until(before, (await startJob(before, 'done')).id, isOver);
    await stopTrainerRig(before);
    const record = join(before.dir, 'runs', id, 'job.json');
    writeFileSync(record, JSON.stringify({ ...JSON.parse(readFileSync(record, 'utf8')), state: 'running' }));
    const now = await startTrainerRig({ dir: before.dir });
    assert.equal((await get<Job>(now, `/api/jobs/${id}`)).body.error?.code, 'INTERRUPTED');
    await stopTrainerRig(now);
    writeFileSync(record, '{');
    await assert.rejects(startTrainerRig({ dir: before.dir }), { name: 'InputError', code: 'JOB_RECORD' });
  });

  it('tells every change over the socket without holes, and nothing to foreign pages', async () => {
    const rig = await startTrainerRig();
    const deltas: JobsDelta[] = [];
    rig.socket.on('delta', (message) => deltas.push(JobsDelta.parse(message)));
    const greeted = new Promise((resolve) => rig.socket.once('snapshot', resolve));
    assert.deepEqual(JobsSnapshot.parse(await greeted), { sequence: 0, jobs: [] });
    await until(rig, (await startJob(rig, 'done')).id, isOver);
    assert.deepEqual(
      deltas.map(({ sequence }) => sequence),
      deltas.map((_, i) => i + 1),
    );
    const states = deltas.map(({ job }) => job.state);
    assert.deepEqual([states[0], states[1], states.at(-1)], ['queued', 'running', 'done']);
    for (const extraHeaders of FOREIGN_PAGES) {
      const foreign = io(rig.trainer.url, {
        path: JOBS_PATH,
        transports: ['websocket'],
        extraHeaders,
        reconnection: false,
        forceNew: true,
      });
      await new Promise((resolve, reject) => {
        foreign.once('connect_error', resolve);
        foreign.once('connect', () => reject(new Error('a foreign page was let in')));
      });
    }
  });
});

describe('models over HTTP', () => {
  it('lists them, promotes in the name of a person and rolls back', async () => {
    const rig = await startTrainerRig();
    const store = await Registry.open(rig.registry);
    const doubts = [{ about: 'data', words: 'few defects' } as const];
    for (const id of ['m-1', 'm-2']) await store.put((await makeArtefact({ id, card: { doubts } })).dir);
    const listed = (await get<{ id: string }[]>(rig, '/api/models')).body.map(({ id }) => id);
    assert.deepEqual(listed.sort(), ['m-1', 'm-2']);
    assert.equal((await get<{ id: string }>(rig, '/api/models/m-1')).body.id, 'm-1');
    const promote = (id: string, by: string) =>
      call<HttpProblem>(rig, { method: 'POST', path: `/api/models/${id}/promote`, body: { recipe: 'chip', by } });
    const rollBack = () =>
      call<HttpProblem>(rig, { method: 'POST', path: '/api/recipes/chip/rollback', body: { by: 'Ada' } });
    const active = async () =>
      (await get<{ active: { modelId: string; by: string } | null }>(rig, '/api/recipes/chip/active')).body.active;
    const weighed = await get<{ basis: string; summary: string }>(rig, '/api/models/m-1/promotion/chip');
    assert.equal(weighed.body.basis, 'FIRST');
    assert.match(weighed.body.summary, /\nDoubted by its training: few defects\.$/);
    assert.equal((await get(rig, '/api/models/m-9/promotion/chip')).status, 404);
    assert.equal(await active(), null);
    for (const id of ['m-1', 'm-2']) assert.equal((await promote(id, 'Ada')).status, 200);
    assert.deepEqual([(await active())?.modelId, (await active())?.by], ['m-2', 'Ada']);
    assert.equal((await rollBack()).status, 200);
    assert.equal((await active())?.modelId, 'm-1');
    assert.equal((await get<unknown[]>(rig, '/api/activations')).body.length, 3);
    const refusals = [
      [await promote('m-2', ' '), 400, 'BODY_INVALID'],
      [await promote('m-2', 'demo'), 409, 'PROMOTE_DEMO_NAME'],
      [await promote('m-9', 'Ada'), 404, 'MODEL_UNKNOWN'],
      [await rollBack(), 409, 'NOTHING_TO_ROLL_BACK'],
    ] as const;
    for (const [{ status, body }, expected, code] of refusals) assert.deepEqual([status, body.code], [expected, code]);
    assert.deepEqual(
      rig.log.filter(({ event }) => String(event).startsWith('model-')),
      [
        { level: 30, event: 'model-promoted', recipe: 'chip', model: 'm-1', by: 'Ada' },
        { level: 30, event: 'model-promoted', recipe: 'chip', model: 'm-2', by: 'Ada' },
        { level: 30, event: 'model-rolled-back', recipe: 'chip', model: 'm-1', by: 'Ada' },
      ],
    );
  });
});

describe('the door of the trainer', () => {
  it('answers errors with a code and a message', async () => {
    const rig = await startTrainerRig();
    const done = await until(rig, (await startJob(rig, 'done')).id, isOver);
    const cases = [
      ['GET', '/api/jobs/none', undefined, 404, 'JOB_UNKNOWN'],
      ['GET', '/api/jobs/none/events', undefined, 404, 'JOB_UNKNOWN'],
      ['DELETE', `/api/jobs/${done.id}`, undefined, 409, 'JOB_ENDED'],
      ['POST', '/api/jobs', { data: '', nonsense: 1 }, 400, 'BODY_INVALID'],
      ['POST', '/api/jobs', undefined, 400, 'BODY_INVALID'],
      ['POST', '/api/jobs', { data: '/da\0ta' }, 400, 'BODY_INVALID'],
      ['POST', '/api/jobs', { data: '/nowhere' }, 400, 'DATA_MISSING'],
      ['POST', '/api/jobs', { data: rig.dir, set: { preset: 'fst' } }, 400, 'PLAN_INVALID'],
      ['POST', '/api/jobs', { data: rig.dir, set: { batch: 1 } }, 400, 'PLAN_INVALID'],
      ['POST', '/api/jobs', { data: rig.dir, set: { weights: 'lite9' } }, 400, 'WEIGHTS_UNKNOWN'],
      ['POST', '/api/jobs', { data: rig.dir, set: { fineTune: { freeze: 999 } } }, 400, 'PLAN_FREEZE'],
      ['GET', '/api/models/none', undefined, 404, 'MODEL_UNKNOWN'],
      ['GET', '/api/models/..%2F..%2Fetc', undefined, 404, 'MODEL_UNKNOWN'],
      ['GET', '/nowhere', undefined, 404, 'HTTP_404'],
    ] as const;
    for (const [method, path, body, status, code] of cases) {
      const answer = await call<HttpProblem>(rig, { method, path, body });
      assert.deepEqual([answer.status, answer.body.code], [status, code], `${method} ${path}`);
      assert.ok(answer.body.message.length > 0);
    }
  });

  it('lets no page of another site start, promote, roll back or read anything', async () => {
    const rig = await startTrainerRig();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const asked = [
      ['POST', '/api/jobs', 'data=/data'],
      ['POST', '/api/models/m-1/promote', 'recipe=chip&by=Ada'],
      ['POST', '/api/recipes/chip/rollback', 'by=Ada'],
      ['GET', '/api/jobs', ''],
      ['GET', '/api/docs', ''],
    ] as const;
    for (const [method, path, body] of asked) {
      const url = new URL(path, rig.trainer.url);
      const refused = FOREIGN_PAGES.map((headers) => askWith(url, { method, headers: { ...form, ...headers }, body }));
      const [foreign, renamed] = await Promise.all(refused);
      assert.deepEqual(foreign, { status: 403, code: 'FOREIGN_ORIGIN' }, path);
      assert.deepEqual(renamed, { status: 421, code: 'HOST_UNKNOWN' }, path);
    }
    const url = new URL('/api/jobs', rig.trainer.url);
    const sent = await askWith(url, { method: 'POST', headers: form, body: 'data=/data' });
    assert.deepEqual(sent, { status: 415, code: 'BODY_TYPE' });
    assert.deepEqual((await get<Job[]>(rig, '/api/jobs')).body, []);
  });

  it('documents itself and says how it is', async () => {
    const rig = await startTrainerRig();
    const { body } = await get<{ paths: Record<string, object> }>(rig, '/api/openapi.json');
    for (const path of ['/api/jobs', '/api/jobs/{id}', '/api/models/{id}/promote', '/api/recipes/{recipe}/rollback']) {
      assert.ok(path in body.paths, path);
    }
    assert.match(JSON.stringify(body.paths['/api/jobs']), /"required":\["data"/);
    const page = await fetch(rig.trainer.url);
    assert.deepEqual([page.status, new URL(page.url).pathname], [200, '/api/docs']);
    assert.deepEqual((await get(rig, '/health/live')).body, { status: 'ok' });
    assert.deepEqual((await get(rig, '/health/ready')).body, { status: 'ok', running: 0, queued: 0, logLinesLost: 0 });
    for (const [folder, code] of [
      ['runs', 'RUN_FOLDER'],
      [join('registry', 'unfinished'), 'REGISTRY_STORAGE'],
    ] as const) {
      const place = join(rig.dir, folder);
      renameSync(place, `${place}.away`);
      writeFileSync(place, '');
      const { status, body: problem } = await get<HttpProblem>(rig, '/health/ready');
      assert.deepEqual([status, problem.code], [503, code]);
      rmSync(place);
      renameSync(`${place}.away`, place);
    }
    assert.equal((await get(rig, '/health/ready')).status, 200);
  });

  it('refuses the runs of another trainer, whose job goes on', async () => {
    const rig = await startTrainerRig();
    const job = await startJob(rig, 'wait');
    const config = TrainerConfig.parse({
      trainer: { runsDir: join(rig.dir, 'runs') },
      registry: { dir: rig.registry },
      http: { port: 0 },
    });
    const second = startTrainer({ config, logger: pino({ level: 'silent' }) });
    await assert.rejects(second, { name: 'DependencyError', code: 'RUNS_TAKEN', message: /trainer\.runsDir/ });
    const record = readFileSync(join(rig.dir, 'runs', job.id, 'job.json'), 'utf8');
    assert.equal((JSON.parse(record) as Job).state, 'running');
  });

  it('says which port is in use, and leaves nothing behind', async () => {
    const rig = await startTrainerRig();
    const config = TrainerConfig.parse({
      trainer: { runsDir: join(rig.dir, 'other-runs') },
      registry: { dir: rig.registry },
      http: { port: Number(new URL(rig.trainer.url).port) },
    });
    const second = startTrainer({ config, logger: pino({ level: 'silent' }) });
    await assert.rejects(second, { name: 'DependencyError', code: 'PORT_IN_USE', message: /http\.port/ });
    assert.ok(!existsSync(join(rig.dir, 'other-runs')));
  });

  it('says which address is not of this machine', async () => {
    const dir = tempDir();
    const config = TrainerConfig.parse({
      trainer: { runsDir: join(dir, 'runs') },
      registry: { dir: join(dir, 'registry') },
      // TEST-NET-1 of RFC 5737: nobody has it.
      http: { host: '192.0.2.1', port: 0 },
    });
    const starting = startTrainer({ config, logger: pino({ level: 'silent' }) });
    await assert.rejects(starting, { code: 'HTTP_LISTEN', message: /192\.0\.2\.1:0.*http\.host/ });
  });
});
