import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TrainEvent } from '#contracts';
import { tempDir } from '../../../test/factories/tools.js';
import { Checkpoints } from './checkpoints.js';
import type { FitState } from './fit/checkpoint.js';
import { TrainLog } from './train-log.js';

const IDENTITY = { plan: { seed: 1 }, data: 'd', weights: 'w', backend: 'wasm', workers: 2 };
const kept = (epoch: number) => ({ epoch, weights: Float32Array.of(epoch, 2) });
const STATE: FitState = {
  step: 7,
  lossSum: 0.1 + 0.2,
  weights: Float32Array.of(1.5, -0),
  moments: [Float32Array.of(1e-30, 3), Float32Array.of(4, 5)],
  average: null,
  best: kept(1),
  last: kept(2),
};

async function open(out: string, own: { isResumed?: boolean; seed?: number; workers?: number } = {}) {
  const said: string[] = [];
  const { isResumed = false, seed = 1, workers = 2 } = own;
  const log = new TrainLog([(event: TrainEvent) => void said.push(event.event === 'step' ? event.text : '')]);
  const identity = { ...IDENTITY, plan: { seed }, workers };
  return { said, checkpoints: await Checkpoints.open(out, { identity, isResumed }, log) };
}

describe('checkpoints of a run', () => {
  it('give a resumed run what the last one saved, phase by phase and part by part', async () => {
    const out = tempDir();
    await (await open(out)).checkpoints.part('fold1').save('fine-tune', STATE);
    const { checkpoints } = await open(out, { isResumed: true });
    assert.deepEqual(await checkpoints.part('fold1').load('fine-tune'), STATE);
    assert.equal(await checkpoints.load('fine-tune'), null);
  });

  it('are forgotten by a run that begins anew, and go when it is done', async () => {
    const out = tempDir();
    await (await open(out)).checkpoints.save('features', STATE);
    const { checkpoints } = await open(out);
    assert.equal(await checkpoints.load('features'), null);
    await checkpoints.remove();
    assert.ok(!existsSync(join(out, 'checkpoint')));
  });

  it('say that nothing was saved and let the run begin anew', async () => {
    const { said } = await open(tempDir(), { isResumed: true });
    assert.match(said.join(), /begins anew/);
  });

  it('refuse a run with another plan or machine, naming what differs', async () => {
    const out = tempDir();
    await open(out);
    const expected = { code: 'RESUME_MISMATCH', message: /got another plan, another workers/ };
    await assert.rejects(open(out, { isResumed: true, seed: 2, workers: 3 }), expected);
  });

  it('refuse a file that is none of theirs', async () => {
    const out = tempDir();
    const { checkpoints } = await open(out);
    await writeFile(checkpoints.fileOf('features'), 'half a file');
    await assert.rejects(checkpoints.load('features'), { code: 'CHECKPOINT_BROKEN', message: /features\.safetensors/ });
    await writeFile(join(out, 'checkpoint/run.json'), '{"plan": "1');
    await assert.rejects(open(out, { isResumed: true }), { code: 'CHECKPOINT_BROKEN', message: /run\.json.*--anew/ });
  });

  it('refuse what the disk gives back changed: a weight, or how far the run was', async () => {
    const out = tempDir();
    const { checkpoints } = await open(out);
    await checkpoints.save('features', STATE);
    const file = checkpoints.fileOf('features');
    const written = await readFile(file);
    const changed = Buffer.from(written);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    const later = Buffer.from(written.toString('latin1').replace('step\\":7', 'step\\":8'), 'latin1');
    for (const bytes of [changed, later]) {
      assert.notDeepEqual(bytes, written);
      await writeFile(file, bytes);
      await assert.rejects(checkpoints.load('features'), {
        code: 'CHECKPOINT_BROKEN',
        message: /not as it was written/,
      });
    }
  });
});
