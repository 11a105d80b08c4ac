import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { before, beforeEach, describe, it } from 'node:test';
import { type Checkout, copyCheckout } from '../factories/checkout.js';
import type { Ended } from '../factories/lineside.js';
import { requireTool, tempDir } from '../factories/tools.js';

const SCRIPT = 'scripts/setup-tensorflow.mjs';
/** What a working set-up leaves; enough to see that a failing one did not touch it. */
const KEPT = 'kept from before';
const BROKEN_COMPILER = '#!/bin/sh\n[ "$1" = --version ] || { echo "no room" >&2; exit 1; }\n';
/** A compiler that puts an addon of our own into place of tfjs-node's. */
const OTHER_ADDON = `#!/bin/sh
for word; do case "$word" in *.cc) ;; *) set -- "$@" "$word" ;; esac; shift; done
exec c++ "$@" "$(dirname "$0")/addon.cc"
`;
const ADDON = `
#include <node_api.h>
static napi_value no(napi_env env, napi_callback_info) { napi_value v; napi_get_boolean(env, false, &v); return v; }
NAPI_MODULE_INIT() {
  napi_value version, gpu;
  napi_create_string_latin1(env, "2.9.1", NAPI_AUTO_LENGTH, &version);
  napi_set_named_property(env, exports, "TF_Version", version);
  napi_create_function(env, "no", NAPI_AUTO_LENGTH, no, nullptr, &gpu);
  napi_set_named_property(env, exports, "isUsingGpuDevice", gpu);
  return exports;
}
`;

const skip = requireTool('python3').skip || requireTool('c++').skip;
describe('setting native TensorFlow up', { skip }, () => {
  const dir = tempDir();
  let checkout: Checkout;
  let wheel = '';
  let broken: Ended;
  before(() => {
    checkout = copyCheckout(join(dir, 'a checkout'));
    keepSomething();
    // The compiler comes after the download: from here on the wheel is in the cache.
    broken = checkout.node([SCRIPT], { CXX: program('broken', BROKEN_COMPILER) });
    const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lineside');
    wheel = join(cache, readdirSync(cache).find((name) => name.startsWith('tensorflow_cpu-')) ?? '');
  });
  beforeEach(keepSomething);

  it('leaves all as it was when the compiler fails', () => {
    assertRefused(broken, /no room\n+setup:tensorflow: COMPILE_FAILED: /);
  });

  it('needs no network with the wheel and what is in the cache', () => {
    const cut = { npm_config_registry: 'http://127.0.0.1:9', PIP_INDEX_URL: 'http://127.0.0.1:9' };
    const { exitCode, stdout, stderr } = setUp({ env: cut });
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /is set up \(CPU\)/);
    assert.ok(existsSync(join(checkout.dir, 'var/tensorflow/addon.cjs')));
  });

  it('leaves all as it was when what was built does not load', () => {
    const CXX = program('idle', '#!/bin/sh\nexit 0\n');
    assertRefused(setUp({ env: { CXX } }), /^setup:tensorflow: TENSORFLOW_BROKEN: /);
  });

  it('leaves all as it was when another TensorFlow answers', () => {
    const CXX = program('other', OTHER_ADDON);
    writeFileSync(join(checkout.dir, 'addon.cc'), ADDON);
    assertRefused(setUp({ env: { CXX } }), /^setup:tensorflow: TENSORFLOW_VERSION: .*2\.9\.1, expected 2\.\d+/);
  });

  it('leaves all as it was when the wheel cannot be unpacked', () => {
    const PYTHON = program('python', '#!/bin/sh\n[ $# -eq 2 ] || { echo "No space left on device" >&2; exit 1; }\n');
    assertRefused(setUp({ env: { PYTHON } }), /^setup:tensorflow: UNPACK_FAILED: .*No space left/);
  });

  it('names the package that npm cannot fetch, and where to put it', () => {
    const env = {
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_cache: join(dir, 'npm'),
      npm_config_fetch_retries: '0',
    };
    assertRefused(
      setUp({ env, cache: join(dir, 'empty') }),
      /PACKAGE_UNREACHABLE: .*tfjs-node-gpu@.* `npm pack @tensorflow\/tfjs-node-gpu@\S+` makes/s,
    );
  });

  it('takes no package but the one of the lockfile', () => {
    const lock = join(checkout.dir, 'package-lock.json');
    const written = readFileSync(lock, 'utf8');
    const { packages, ...rest } = JSON.parse(written);
    packages['node_modules/@tensorflow/tfjs-node-gpu'].integrity = 'sha512-another';
    writeFileSync(lock, JSON.stringify({ packages, ...rest }));
    const refused = setUp({ cache: join(dir, 'empty') });
    writeFileSync(lock, written);
    assertRefused(refused, /PACKAGE_WRONG: @tensorflow\/tfjs-node-gpu@.*expected sha512-another/);
  });

  it('says so on a platform nobody tried', () => {
    const mac = 'data:text/javascript,Object.defineProperty(process,"platform",{value:"darwin"})';
    assertRefused(checkout.node(['--import', mac, SCRIPT]), /PLATFORM_UNKNOWN: .*darwin/);
  });

  function keepSomething(): void {
    rmSync(join(checkout.dir, 'var'), { recursive: true, force: true });
    mkdirSync(join(checkout.dir, 'var/tensorflow'), { recursive: true });
    writeFileSync(join(checkout.dir, 'var/tensorflow', KEPT), '');
  }

  function setUp({ env = {}, cache = join(wheel, '..') }: { env?: Record<string, string>; cache?: string }): Ended {
    return checkout.node([SCRIPT, '--wheel', wheel, '--cache', cache], env);
  }

  function assertRefused(ended: Ended, words: RegExp): void {
    assert.equal(ended.exitCode, 1, ended.stdout);
    assert.match(ended.stderr, words);
    assert.deepEqual(readdirSync(join(checkout.dir, 'var')), ['tensorflow']);
    assert.deepEqual(readdirSync(join(checkout.dir, 'var/tensorflow')), [KEPT]);
  }

  function program(name: string, text: string): string {
    const file = join(checkout.dir, name);
    writeFileSync(file, text);
    chmodSync(file, 0o755);
    return file;
  }
});
