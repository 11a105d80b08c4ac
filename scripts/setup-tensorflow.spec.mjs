import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const SCRIPTS = dirname(fileURLToPath(import.meta.url));
const WHEEL = 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl';
const ANSWERS = '#!/bin/sh\nexit 0\n';
/** A Python that has neither pip nor venv. */
const BARE_PYTHON = '#!/bin/sh\n[ "$1" = -c ]\n';
/** A Python whose pip finds nothing. */
const CUT_OFF_PYTHON = '#!/bin/sh\n[ "$3" = download ] || exit 0\necho "ERROR: No matching distribution" >&2\nexit 1\n';

describe('setting native TensorFlow up, refused', { skip: process.platform !== 'linux' && 'Linux only' }, () => {
  const top = mkdtempSync(join(tmpdir(), 'lineside-native-'));
  after(() => rmSync(top, { recursive: true, force: true }));
  let root = '';

  beforeEach(() => {
    root = mkdtempSync(join(top, 'a checkout-'));
    for (const name of ['setup.mjs', 'setup-tensorflow.mjs', 'native']) {
      cpSync(join(SCRIPTS, name), join(root, 'scripts', name), { recursive: true });
    }
    program('c++', ANSWERS);
    program('python3', ANSWERS);
  });

  function program(name, text) {
    mkdirSync(join(root, 'bin'), { recursive: true });
    writeFileSync(join(root, 'bin', name), text);
    chmodSync(join(root, 'bin', name), 0o755);
  }

  /** Expect the code and words, one line, and nothing left behind. */
  function assertRefused({ args = [], path = join(root, 'bin'), code, words, env = {} }) {
    const script = join(root, 'scripts', 'setup-tensorflow.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, '--cache', join(root, 'cache'), ...args], {
      env: { ...process.env, PATH: [path, '/bin'].join(delimiter), CXX: '', PYTHON: '', ...env },
      encoding: 'utf8',
    });
    assert.equal(status, 1, stderr);
    assert.match(stderr, new RegExp(`^setup:tensorflow: ${code}: `, 'm'));
    assert.match(stderr, words);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    for (const dir of ['var', 'cache'].map((name) => join(root, name))) {
      assert.deepEqual(existsSync(dir) ? readdirSync(dir) : [], [], `left in ${dir}`);
    }
  }

  it('says which options there are', () => {
    assertRefused({ args: ['--cuda'], code: 'USAGE', words: /--cuda.*--gpu/ });
  });

  it('names the compiler and the Python that are missing before it downloads anything', () => {
    assertRefused({ env: { CXX: 'no-such-compiler' }, code: 'COMPILER_MISSING', words: /no-such-compiler.*apt-get/ });
    assertRefused({ env: { PYTHON: 'no-such-python' }, code: 'PYTHON_MISSING', words: /no-such-python.*apt-get/ });
  });

  it('names the pip that is missing, and the way round it', () => {
    program('python3', BARE_PYTHON);
    assertRefused({ code: 'PIP_MISSING', words: /python3-venv.*--wheel/ });
  });

  it('says what pip said when the wheel is out of reach', () => {
    program('python3', CUT_OFF_PYTHON);
    assertRefused({ code: 'WHEEL_UNREACHABLE', words: /No matching distribution.*--wheel FILE/ });
  });

  it('takes no wheel but the pinned one', () => {
    const [short, other] = [join(root, WHEEL), join(root, 'tensorflow_cpu-2.15.1-cp311-cp311-linux_x86_64.whl')];
    writeFileSync(short, 'PK');
    writeFileSync(other, 'PK');
    const wheel = (file) => ['--wheel', file];
    assertRefused({ args: wheel(join(root, 'none.whl')), code: 'WHEEL_MISSING', words: /none\.whl/ });
    assertRefused({ args: wheel(other), code: 'WHEEL_WRONG', words: /2\.15\.1.* is not .*2\.21\.0.*other versions/ });
    assertRefused({ args: wheel(short), code: 'WHEEL_WRONG', words: /got 2 bytes .* cut short/ });
    assertRefused({ args: ['--gpu', ...wheel(short)], code: 'WHEEL_WRONG', words: /is not tensorflow-2\.21\.0/ });
  });
});
