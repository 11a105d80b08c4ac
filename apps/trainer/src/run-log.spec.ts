import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { tempDir } from '../../../test/factories/tools.js';
import { openRunFolder } from './run-log.js';
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
    assert.deepEqual(readdirSync(dir).sort(), ['metrics.jsonl', 'plan.yaml']);
  });

  it('says which folder cannot be written: RUN_FOLDER', async () => {
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    const opened = openRunFolder({ dir: join(file, 'run'), plan: {} });
    await assert.rejects(opened, { name: 'DependencyError', code: 'RUN_FOLDER', message: /cannot be written/ });
  });
});
