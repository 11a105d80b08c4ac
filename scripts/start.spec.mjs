import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Stands for an npm whose install takes longer than anybody waits. */
const NPM = `#!/bin/sh
echo at work
exec sleep 60
`;

describe('starting the demonstration', () => {
  const root = mkdtempSync(join(tmpdir(), 'lineside-start-'));
  after(() => rmSync(root, { recursive: true, force: true }));

  it('says of an install that Ctrl-C ended that it is stopping, not that it failed', { timeout: 30_000 }, async () => {
    for (const name of ['start.mjs', 'setup.mjs', 'children.mjs']) {
      cpSync(fileURLToPath(new URL(name, import.meta.url)), join(root, 'scripts', name));
    }
    writeFileSync(join(root, 'package.json'), '{"engines":{"node":">=20.19"}}');
    writeFileSync(join(root, 'package-lock.json'), '{"packages":{}}');
    mkdirSync(join(root, 'bin'));
    writeFileSync(join(root, 'bin/npm'), NPM);
    chmodSync(join(root, 'bin/npm'), 0o755);
    const env = { ...process.env, PATH: `${join(root, 'bin')}${delimiter}${process.env.PATH}` };
    delete env.npm_lifecycle_event;
    // A group of its own, as a terminal makes one: Ctrl-C reaches all of it.
    const start = spawn(process.execPath, ['scripts/start.mjs'], { cwd: root, env, detached: true });
    let words = '';
    start.stderr.on('data', (bytes) => {
      words += bytes;
    });
    for await (const bytes of start.stdout) {
      words += bytes;
      if (words.includes('at work') && !words.includes('SIGINT')) process.kill(-start.pid, 'SIGINT');
    }
    if (start.exitCode === null) await once(start, 'exit');
    assert.match(words, /SIGINT: stopping/);
    assert.doesNotMatch(words, /failed/);
  });
});
