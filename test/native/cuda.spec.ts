import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { providerDir } from '#model/runtime/provider-files';
import { smallestGraph } from '#model/runtime/smallest-graph';
import { type Checkout, copyCheckout } from '../factories/checkout.js';
import { requireTool, tempDir } from '../factories/tools.js';

const SET_UP = 'scripts/setup-cuda.mjs';
const OPEN = `
  const { OnnxSession } = await import('#model/runtime/onnx-session');
  const opened = await OnnxSession.open('model.onnx', { provider: process.argv.at(-1) }).catch((error) => error);
  console.log(opened.code ?? 'opened', opened.message ?? opened.runtime);`;

const { skip } = requireTool('python3');
describe('the CUDA and TensorRT providers', { skip: skip || (process.platform !== 'linux' && 'Linux only') }, () => {
  const dir = tempDir();
  let checkout: Checkout;
  let home = '';
  before(() => {
    checkout = copyCheckout(join(dir, 'a checkout'));
    const runtime = join(checkout.dir, 'node_modules', 'onnxruntime-node');
    const original = join(providerDir(), '../../../..');
    rmSync(runtime);
    cpSync(original, runtime, { recursive: true, filter: (path) => !/win32|darwin|providers_/.test(path) });
    home = join(runtime, 'bin', 'napi-v6', process.platform, process.arch);
    writeFileSync(join(checkout.dir, 'model.onnx'), smallestGraph());
  });

  it('are named with their set-up while they are missing', () => {
    for (const provider of ['cuda', 'tensorrt'])
      assert.match(open(provider), /^RUNTIME_MISSING .* missing\. .*npm run setup:cuda/);
  });

  it('are not set up from a wheel of another version', () => {
    const wheel = join(dir, 'onnxruntime_gpu-1.31.1.whl');
    writeFileSync(wheel, 'PK');
    const { exitCode, stderr } = checkout.node([SET_UP, '--wheel', wheel]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /^setup:cuda: WHEEL_WRONG: .*1\.31\.1\.whl is not onnxruntime_gpu-1\.30\.0/);
    assert.deepEqual(
      readdirSync(home).filter((name) => /providers|unfinished/.test(name)),
      [],
    );
  });

  it('are not set up for a version of ONNX Runtime whose providers nobody tried', () => {
    const manifest = join(home, '../../../../package.json');
    cpSync(manifest, `${manifest}.kept`);
    writeFileSync(manifest, '{ "name": "onnxruntime-node", "version": "1.2.3" }');
    const { exitCode, stderr } = checkout.node([SET_UP]);
    cpSync(`${manifest}.kept`, manifest);
    assert.equal(exitCode, 1);
    assert.match(stderr, /^setup:cuda: VERSION_UNKNOWN: onnxruntime-node 1\.2\.3 .*1\.30\.0/);
  });

  it('lie beside ONNX Runtime after the set-up, and fail by name where there is no CUDA', () => {
    const { exitCode, stdout, stderr } = checkout.node([SET_UP]);
    assert.equal(exitCode, 0, stderr);
    assert.match(
      stdout,
      /^CUDA and TensorRT providers of ONNX Runtime 1\.30\.0 lie in .*\. They load where .*CUDA 13/m,
    );
    for (const name of ['shared', 'cuda', 'tensorrt']) {
      assert.ok(statSync(join(home, `libonnxruntime_providers_${name}.so`)).size > 10_000, name);
    }
    assert.match(checkout.node([SET_UP]).stdout, /there already/);
    if (existsSync('/dev/nvidiactl')) return;
    // Loaded now, and refused by what the machine lacks.
    for (const provider of ['cuda', 'tensorrt']) assert.match(open(provider), /^RUNTIME_MISSING .*Failed to load/);
    assert.match(open('cpu'), /^opened /);
  });

  function open(provider: string): string {
    const { stdout, stderr } = checkout.node(['--input-type=module', '--eval', OPEN, provider]);
    assert.notEqual(stdout, '', stderr);
    return stdout;
  }
});
