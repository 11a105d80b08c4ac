import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { takeTurn } from './take-turn.mjs';

const SCRIPTS = ['start.mjs', 'setup.mjs', 'children.mjs', 'take-turn.mjs'];
/** Stands for an npm whose install takes longer than anybody waits. */
const NPM = `#!/bin/sh
echo at work
exec sleep 60
`;

describe('starting the demonstration', () => {
  const root = mkdtempSync(join(tmpdir(), 'lineside-start-'));
  after(() => rmSync(root, { recursive: true, force: true }));

  it('says of an install that Ctrl-C ended that it is stopping, not that it failed', { timeout: 30_000 }, async () => {
    for (const name of SCRIPTS) {
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

  it('goes on with a training that was stopped, and begins anew where that cannot be', {
    timeout: 60_000,
  }, async () => {
    const checkout = makeCheckout();
    const startAgain = async () => {
      const start = spawn(process.execPath, ['scripts/start.mjs'], { cwd: checkout.root, env: checkout.env });
      start.stdout.resume();
      start.stderr.resume();
      await once(start, 'exit');
      return checkout.calls();
    };
    const anew = ['sample-data', 'models', 'train'];
    assert.deepEqual(await startAgain(), anew);
    assert.deepEqual(await startAgain(), ['train --resume', ...anew]);
    checkout.allow('--resume');
    assert.deepEqual((await startAgain()).slice(0, 2), ['train --resume', 'promote']);
  });

  it('leaves alone what another start is at work on', { timeout: 60_000 }, async () => {
    const checkout = makeCheckout();
    const giveBack = await takeTurn(realpathSync(checkout.root));
    const start = spawn(process.execPath, ['scripts/start.mjs'], { cwd: checkout.root, env: checkout.env });
    start.stdout.resume();
    const [words, [exitCode]] = await Promise.all([text(start.stderr), once(start, 'exit')]);
    giveBack();
    assert.equal(exitCode, 1);
    assert.match(words, /another npm start is at work in this folder/);
    assert.equal(existsSync(join(checkout.root, 'calls.txt')), false, 'it has asked for something');
  });
});

/** Stands for `lineside`: notes down what it is asked, and a training ends amid its work unless it is allowed to end well. */
const PROGRAM = `import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
const [verb, ...options] = process.argv.slice(2);
const valueOf = (name) => options[options.indexOf(name) + 1];
const isResumed = options.includes('--resume');
appendFileSync('calls.txt', \`\${verb}\${isResumed ? ' --resume' : ''}\n\`);
if (verb !== 'train') process.exit(verb === 'inspector' ? 1 : 0);
mkdirSync(\`\${valueOf('--out')}/checkpoint\`, { recursive: true });
writeFileSync(\`\${valueOf('--out')}/checkpoint/run.json\`, '{}');
if (!isResumed || !existsSync('--resume')) process.exit(1);
writeFileSync(valueOf('--json'), '{"id":"m1"}');
`;

/** A checkout whose install and builds do nothing, with the program above. */
function makeCheckout() {
  const root = mkdtempSync(join(tmpdir(), 'lineside-start-'));
  after(() => rmSync(root, { recursive: true, force: true }));
  const files = {
    'package.json': '{"type":"module","engines":{"node":">=20.19"}}',
    'package-lock.json': '{"packages":{}}',
    'bin/npm': '#!/bin/sh\n',
    'dist/program/lineside.js': PROGRAM,
    'config/demo-plan.yaml': '',
    'libs/model/src/card.ts': '',
    'apps/simulator/src/sample-data.ts': '',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text, { mode: 0o755 });
  }
  for (const name of SCRIPTS) {
    cpSync(fileURLToPath(new URL(name, import.meta.url)), join(root, 'scripts', name));
  }
  const env = { ...process.env, PATH: `${join(root, 'bin')}${delimiter}${process.env.PATH}` };
  delete env.npm_lifecycle_event;
  const noted = join(root, 'calls.txt');
  return {
    root,
    env,
    /** Since the last time. */
    calls: () => {
      const lines = readFileSync(noted, 'utf8').trim().split('\n');
      rmSync(noted);
      return lines;
    },
    allow: (option) => writeFileSync(join(root, option), ''),
  };
}
