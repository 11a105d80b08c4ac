import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { takeTurn } from './take-turn.mjs';

const MODULE = new URL('./take-turn.mjs', import.meta.url).href;
const dir = mkdtempSync(join(tmpdir(), 'lineside-turn-'));
after(() => rmSync(dir, { recursive: true, force: true }));

/** A process that takes its turn, then does nothing else, not even hear. */
async function startOther(folder) {
  const program = `import { takeTurn } from ${JSON.stringify(MODULE)};
    await takeTurn(${JSON.stringify(folder)});
    process.stdout.write('taken', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(other.stdout, 'data');
  return other;
}

describe('the turn at a folder', () => {
  it('has one at a time, until it is given back; another folder has its own', async () => {
    const folder = join(dir, 'a');
    const giveBack = await takeTurn(folder);
    assert.equal(await takeTurn(folder), null);
    const other = await takeTurn(join(dir, 'b'));
    assert.notEqual(other, null);
    giveBack();
    const again = await takeTurn(folder);
    assert.notEqual(again, null);
    for (const end of [other, again]) end();
  });

  it('is that of a process that stands still, and free when that one is killed', async () => {
    const folder = join(dir, 'c');
    const other = await startOther(folder);
    assert.equal(await takeTurn(folder), null);
    other.kill('SIGKILL');
    await once(other, 'exit');
    const giveBack = await takeTurn(folder);
    assert.notEqual(giveBack, null);
    giveBack();
  });
});
