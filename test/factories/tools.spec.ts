import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startMosquitto } from './mosquitto.js';
import { freePort, requireTool, tempDir } from './tools.js';

describe('a temporary folder', () => {
  let inner = '';

  it('is there while the test runs', () => {
    inner = tempDir();
    writeFileSync(join(inner, 'file'), 'x');
    assert.ok(existsSync(inner));
  });

  it('is gone with the test that made it', () => {
    assert.equal(existsSync(inner), false);
  });

  it('is gone with its process where something wrote into it once more', () => {
    const tools = new URL('./tools.js', import.meta.url);
    const script = `
      import { mkdirSync } from 'node:fs';
      import { after } from 'node:test';
      import { tempDir } from '${tools}';
      const dir = tempDir();
      after(() => mkdirSync(dir + '/late', { recursive: true }));
      process.stderr.write(dir);`;
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    assert.match(stderr, /lineside-test-/);
    assert.equal(existsSync(stderr), false);
  });

  it('that cannot be removed yet, as somebody writes into it, keeps nobody from being stopped and goes with its process', () => {
    const tools = new URL('./tools.js', import.meta.url);
    const script = `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      import { after } from 'node:test';
      const remove = fs.rmSync;
      fs.rmSync = () => {
        fs.rmSync = remove;
        syncBuiltinESMExports();
        throw Object.assign(new Error('directory not empty'), { code: 'ENOTEMPTY' });
      };
      syncBuiltinESMExports();
      const { tempDir } = await import('${tools}');
      const dir = tempDir();
      after(() => process.stderr.write(dir));`;
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    assert.match(ran.stderr, /lineside-test-/, 'what stops after it was called');
    assert.equal(ran.status, 0);
    assert.equal(existsSync(ran.stderr), false);
  });
});

const mosquitto = requireTool('mosquitto');
describe('mosquitto for a test', { skip: mosquitto.skip }, () => {
  it('answers on its port, and no longer once stopped', async () => {
    const broker = await startMosquitto(mosquitto);
    await reach(broker.port);
    await broker.stop();
    await assert.rejects(reach(broker.port), { code: 'ECONNREFUSED' });
  });

  it('says what was wrong when it cannot start', async () => {
    await assert.rejects(startMosquitto(mosquitto, { config: ['no_such_setting 1'] }), /no_such_setting/);
  });
});

describe('a free port', () => {
  it('is one nobody listens on', async () => {
    await assert.rejects(reach(await freePort()), { code: 'ECONNREFUSED' });
  });
});

function reach(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
