import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';

const TELL = `const { tellParent } = await import(${JSON.stringify(import.meta.resolve('./tell-parent.js'))});`;

function start(work: string): { child: ChildProcess; said: Promise<string> } {
  const args = ['--input-type=module', '-e', `${TELL} ${work}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  assert.ok(child.stderr !== null);
  return { child, said: text(child.stderr) };
}

describe('what a process says to the one that started it', () => {
  it('arrives, and may be the last thing it does', async () => {
    const { child } = start("await tellParent({ kind: 'done' }); process.exit(0);");
    const [message] = await once(child, 'message');
    assert.deepEqual(message, { kind: 'done' });
  });

  it('is no failure when nobody hears it any more', async () => {
    const { child, said } = start(
      "process.on('disconnect', () => tellParent('late').then(() => process.exit(7))); await tellParent('here');",
    );
    await once(child, 'message');
    child.disconnect();
    const [code] = await once(child, 'exit');
    assert.deepEqual([code, await said], [7, '']);
  });
});
