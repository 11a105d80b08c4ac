import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';

const BAR = new URL('./terminal-bar.js', import.meta.url).href;

/** A program that shows a bar on what it takes for a terminal and then gets a signal. @returns how it ended, and what the terminal got last */
async function interrupt(before: string): Promise<{ code: number | null; signal: string | null; restored: boolean }> {
  const program = `import { TerminalBar } from ${JSON.stringify(BAR)};
    process.stderr.isTTY = true;
    ${before}
    new TerminalBar({ format: '{bar}' }, { barCompleteChar: '#', barIncompleteChar: '.' }).start(2, 1);
    setInterval(() => undefined, 1_000);
    process.kill(process.pid, 'SIGINT');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [[code, signal], told] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  assert.ok(told.includes('\u001b[?25l') && told.includes('\u001b[?7l'), 'the bar has changed the terminal');
  const restored = ['25', '7'].every((mode) => told.lastIndexOf(`[?${mode}h`) > told.lastIndexOf(`[?${mode}l`));
  return { code, signal, restored };
}

describe('a bar on a terminal', () => {
  it('shows one thing after another, each of its own total', async () => {
    const program = `import { TerminalBar } from ${JSON.stringify(BAR)};
      process.stderr.isTTY = true;
      const bar = new TerminalBar({ format: '{value}/{total}', fps: 1_000_000 }, { barCompleteChar: '#', barIncompleteChar: '.' });
      bar.start(215, 215);
      bar.update(3, 8);
      bar.stop();`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    assert.match(await text(child.stderr), /3\/8/);
  });

  it('gives cursor and line breaks back where Ctrl-C ends the program', async () => {
    assert.deepEqual(await interrupt(''), { code: null, signal: 'SIGINT', restored: true });
  });

  it('gives them back and leaves the end to who listens', async () => {
    const ended = { restored: true, signal: null };
    const ending = await interrupt("process.once('SIGINT', () => process.exit(7));");
    assert.deepEqual(ending, { ...ended, code: 7 });
    const saving = await interrupt("process.once('SIGINT', () => setImmediate(() => process.exit(8)));");
    assert.deepEqual(saving, { ...ended, code: 8 });
    const again = await interrupt("process.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));");
    assert.deepEqual(again, { code: null, signal: 'SIGINT', restored: true });
  });
});
