import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { tempDir } from '../../../test/factories/tools.js';
import { openRunFolder, type RunFolderOptions } from './run-log.js';
import { TrainLog } from './train-log.js';

describe('run folder', () => {
  it('keeps the plan and what the run said without its progress', async () => {
    const dir = join(tempDir(), 'runs', 'one');
    const folder = await openRunFolder({ dir, plan: { epochs: 6, rates: { head: 1e-3 } } });
    const log = new TrainLog([folder.sink], () => 0);
    log.progress({ step: 'features', done: 1, total: 2 });
    log.step('features', 'done');
    log.done({ modelId: null, out: dir });
    assert.equal(readFileSync(join(dir, 'metrics.jsonl'), 'utf8').split('\n').length, 3);
    folder.close();
    assert.deepEqual(parse(readFileSync(join(dir, 'plan.yaml'), 'utf8')), { epochs: 6, rates: { head: 1e-3 } });
    assert.deepEqual(readdirSync(dir).sort(), ['metrics.jsonl', 'owner.sqlite', 'plan.yaml']);
  });

  it('adds to what it said when it goes on, without the half line of a crash', async () => {
    const dir = tempDir();
    const say = async (text: string, isResumed: boolean) => {
      const folder = await openRunFolder({ dir, plan: {}, isResumed });
      new TrainLog([folder.sink], () => 0).step('features', text);
      folder.close();
    };
    await say('one', false);
    appendFileSync(join(dir, 'metrics.jsonl'), '{"event":"st');
    await say('two', true);
    const lines = readFileSync(join(dir, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).text),
      ['one', 'two'],
    );
  });

  it('refuses to go on with another plan, and keeps the one it has', async () => {
    const dir = tempDir();
    (await openRunFolder({ dir, plan: { a: 1, b: { c: 2, d: 3 } } })).close();
    const goOn = (plan: unknown) => openRunFolder({ dir, plan, isResumed: true });
    (await goOn({ b: { d: 3, c: 2 }, a: 1 })).close();
    await assert.rejects(goOn({ a: 2, b: { c: 2, d: 3, e: true } }), {
      code: 'RESUME_MISMATCH',
      message: /another plan .*: a was 1, is 2; b\.e was not known, is true\./,
    });
    assert.equal(parse(readFileSync(join(dir, 'plan.yaml'), 'utf8')).a, 1);
  });

  it('drops what a stopped run of the same plan has learnt only when told to: RUN_STOPPED', async () => {
    const dir = tempDir();
    const open = async (own: Partial<RunFolderOptions> = {}) => {
      (await openRunFolder({ dir, plan: { a: 1 }, ...own })).close();
    };
    await open();
    mkdirSync(join(dir, 'checkpoint'));
    await open();
    writeFileSync(join(dir, 'checkpoint', 'fine-tune.safetensors'), '');
    writeFileSync(join(dir, 'metrics.jsonl'), 'said before\n');
    await assert.rejects(open(), {
      name: 'InputError',
      code: 'RUN_STOPPED',
      message: /Expected --resume to go on with it, --anew to drop it, or another --out\./,
    });
    assert.equal(readFileSync(join(dir, 'metrics.jsonl'), 'utf8'), 'said before\n');
    await open({ isResumed: true });
    await open({ isAnew: true });
    assert.equal(readFileSync(join(dir, 'metrics.jsonl'), 'utf8'), '');
    await open({ plan: { a: 2 } });
  });

  it('never opens a finished model, not even to go on: OUT_TAKEN', async () => {
    const dir = tempDir();
    const open = (isResumed: boolean) => openRunFolder({ dir, plan: { a: 1 }, isResumed });
    (await open(false)).close();
    writeFileSync(join(dir, 'card.json'), '{}');
    for (const isResumed of [false, true]) await assert.rejects(open(isResumed), { code: 'OUT_TAKEN' });

    // Ended between its card and its last step.
    mkdirSync(join(dir, 'checkpoint'));
    await assert.rejects(open(false), { name: 'InputError', code: 'OUT_TAKEN', message: /Name another --out/ });
    (await open(true)).close();
  });

  it('takes one run at a time, and leaves the one at work alone: OUT_BUSY', async () => {
    const dir = tempDir();
    const first = await openRunFolder({ dir, plan: { a: 1 } });
    for (const isResumed of [false, true])
      await assert.rejects(openRunFolder({ dir, plan: { a: 2 }, isResumed }), {
        name: 'DependencyError',
        code: 'OUT_BUSY',
        message: /Wait until it ends, or name another --out/,
      });
    assert.deepEqual(parse(readFileSync(join(dir, 'plan.yaml'), 'utf8')), { a: 1 });
    first.close();
    (await openRunFolder({ dir, plan: { a: 1 }, isResumed: true })).close();
  });

  it('says which folder cannot be written: RUN_FOLDER', async () => {
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    const opened = openRunFolder({ dir: join(file, 'run'), plan: {} });
    await assert.rejects(opened, { name: 'DependencyError', code: 'RUN_FOLDER', message: /cannot be written/ });
  });
});
