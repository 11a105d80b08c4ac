import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const [SETUP, PACK] = ['./setup.mjs', './pack-offline.mjs'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);
/** Stands for npm: writes down what it was asked, and installs what the lockfile names. */
const NPM = `#!/bin/sh
echo "$*" >> npm.log
[ "$1" = ci ] || exit 0
mkdir -p node_modules/better-sqlite3
cp package-lock.json node_modules/.package-lock.json
echo 'module.exports = class { close() {} };' > node_modules/better-sqlite3/index.js
`;

describe('setting a checkout up', () => {
  const top = mkdtempSync(join(tmpdir(), 'lineside-setup-'));
  after(() => rmSync(top, { recursive: true, force: true }));
  let root = '';

  beforeEach(() => {
    root = mkdtempSync(join(top, 'a checkout-'));
    write('bin/npm', NPM);
    chmodSync(join(root, 'bin/npm'), 0o755);
    mkdirSync(join(root, 'scripts'));
    cpSync(SETUP, join(root, 'scripts/setup.mjs'));
    write('package.json', '{"engines":{"node":">=20.19"}}');
    writeLock({ prod: '1.0.0', dev: '1.0.0' });
    write('apps/inspector/src/main.ts', 'one');
    write('apps/dashboard/src/main.tsx', 'one');
  });

  function write(name, text) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }

  function writeLock({ prod, dev }) {
    const packages = {
      '': {},
      'node_modules/prod': { version: prod },
      'node_modules/tool': { version: dev, dev: true },
      'node_modules/gpu': { version: '1.0.0', optional: true },
    };
    write('package-lock.json', JSON.stringify({ packages }));
  }

  /** Set up; what npm was asked to do. */
  function setUp(builds = ['server', 'page']) {
    rmSync(join(root, 'npm.log'), { force: true });
    const script = `import('./scripts/setup.mjs').then(({ setUp }) => setUp({ builds: ${JSON.stringify(builds)} }))`;
    const env = { ...process.env, PATH: `${join(root, 'bin')}${delimiter}${process.env.PATH}` };
    const { status, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: root, env, encoding: 'utf8' });
    const log = join(root, 'npm.log');
    const asked = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
    return { status, stderr, asked: asked.map((words) => words.split(' ').at(words.startsWith('ci') ? 0 : -1)) };
  }

  it('installs and builds from nothing, and does nothing the second time', () => {
    assert.deepEqual(setUp().asked, ['ci', 'build:server', 'build:page']);
    assert.deepEqual(setUp().asked, []);
  });

  it('builds what its sources changed for', () => {
    setUp();
    write('apps/inspector/src/main.ts', 'two');
    assert.deepEqual(setUp().asked, ['build:server']);
    write('apps/inspector/src/main.ts', 'one');
    assert.deepEqual(setUp(['page']).asked, []);
  });

  it('installs and builds again when the lockfile asks for another version, of a tool that builds too', () => {
    setUp();
    writeLock({ prod: '2.0.0', dev: '1.0.0' });
    assert.deepEqual(setUp().asked, ['ci', 'build:server', 'build:page']);
    writeLock({ prod: '2.0.0', dev: '2.0.0' });
    assert.deepEqual(setUp().asked, ['ci', 'build:server', 'build:page']);
  });

  it('installs again when compiled packages do not load in this Node', () => {
    setUp();
    write('node_modules/better-sqlite3/index.js', 'throw new Error("built for another Node")');
    assert.deepEqual(setUp().asked, ['ci']);
  });

  it('leaves the packages of an offline archive alone, and says which Node they are for', () => {
    setUp();
    write('packed-for.json', '{"node":"20","machine":"linux x64"}');
    write('node_modules/better-sqlite3/index.js', 'throw new Error("built for another Node")');
    const { status, stderr, asked } = setUp();
    assert.equal(status, 1);
    assert.match(stderr, /packed for machines without a network: for Node 20 on linux x64; here is Node [\d.]+ on /);
    assert.deepEqual(asked, []);
  });

  it('is not packed for machines without a network while git lacks one of its sources', () => {
    cpSync(PACK, join(root, 'scripts/pack-offline.mjs'));
    write('package.json', '{"engines":{"node":">=20.19"},"version":"0.0.1"}');
    const git = (...words) => assert.equal(spawnSync('git', words, { cwd: root }).status, 0, words.join(' '));
    git('init');
    git('add', 'package.json', 'package-lock.json', 'apps');
    write('apps/inspector/src/draft.ts', 'one');
    const { status, stderr } = spawnSync(process.execPath, ['scripts/pack-offline.mjs'], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.match(stderr, /^pack:offline: apps\/inspector\/src\/draft\.ts is not in git and would be missing/);
    assert.equal(existsSync(join(root, 'npm.log')), false, 'before anything is built');
  });

  it('says that Node is too old before it installs anything', () => {
    write('package.json', '{"engines":{"node":">=99.1"}}');
    const { status, stderr, asked } = setUp();
    assert.equal(status, 1);
    assert.match(stderr, /Node [\d.]+ is too old: expected 99\.1 or later/);
    assert.deepEqual(asked, []);
  });

  it('does not empty the folder behind a linked node_modules', () => {
    mkdirSync(join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), join(root, 'node_modules'));
    const { status, stderr, asked } = setUp();
    assert.equal(status, 1);
    assert.match(stderr, /node_modules is a link/);
    assert.deepEqual(asked, []);
  });
});
