import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openArtefact } from '#model/artefact';
import type { ModelCard } from '#model/card';
import { runLineside, runNode } from '../factories/lineside.js';
import { makeMarkedParts } from '../factories/marked-parts.js';
import { requireSoftwareGpu } from '../factories/software-gpu.js';
import { tempDir } from '../factories/tools.js';

const SIDE = 32;
const PLAN = {
  resize: `{width: ${SIDE}, height: ${SIDE}, policy: squash, kernel: linear}`,
  'augment.views': '[plain]',
  batch: '16',
  'features.epochs': '1',
  'fineTune.epochs': '1',
  'fineTune.freeze': 'top',
};
const GRADIENTS = fileURLToPath(new URL('./gradients-process.js', import.meta.url));
const CHOOSE = `
  const { chooseBackend } = await import('#model/backend/choose');
  const chosen = await chooseBackend(process.argv.at(-1)).catch((error) => error);
  console.log(chosen.code ?? chosen.name, chosen.message ?? '');`;

const gpu = requireSoftwareGpu();
describe('training on WebGPU', { skip: gpu.skip }, () => {
  const dir = tempDir();
  before(() => makeMarkedParts(join(dir, 'data'), { count: 24, side: SIDE }));

  it('takes a software adapter when it is asked for by name, never by itself', async () => {
    assert.match(await choose('webgpu-software', gpu.env), /^webgpu-software /);
    assert.match(await choose('webgpu', gpu.env), /^WEBGPU_MISSING /);
    assert.doesNotMatch(await choose('auto', gpu.env), /^webgpu/);
    const nothing = { VK_ICD_FILENAMES: '/nowhere/icd.json', VK_DRIVER_FILES: '/nowhere/icd.json' };
    assert.match(await choose('webgpu-software', nothing), /^WEBGPU_MISSING /);
  });

  it('has the cpu backend’s gradients in every part of the networks and in an open tail', async () => {
    const { exitCode, stdout, stderr } = await runNode([GRADIENTS, 'efficientnet-b0'], gpu.env);
    assert.equal(exitCode, 0, stderr);
    const { differences } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
      differences: Record<string, number>;
    };
    assert.ok(Object.keys(differences).length >= 8, stdout);
    for (const [name, difference] of Object.entries(differences)) {
      assert.ok(difference < (name === 'efficientnet-b0' ? 1e-3 : 1e-5), `${name}: ${difference}`);
    }
  });

  it('goes the whole way from pictures to a certified model, as WASM does', async () => {
    const [onGpu, onWasm] = [await train('webgpu-software', gpu.env), await train('wasm', {})];
    assert.deepEqual([onGpu.card.backend.name, onGpu.card.backend.reproducible], ['webgpu-software', 'tolerance']);
    assert.equal(onGpu.losses.length, 2);
    for (const [i, loss] of onGpu.losses.entries()) {
      assert.ok(Math.abs(loss - (onWasm.losses[i] ?? Number.NaN)) < 1e-3, `loss ${loss}, on WASM ${onWasm.losses[i]}`);
    }
  });

  async function choose(wanted: string, env: Readonly<Record<string, string>>): Promise<string> {
    return (await runNode(['--input-type=module', '--eval', CHOOSE, wanted], env)).stdout;
  }

  async function train(
    backend: string,
    env: Readonly<Record<string, string>>,
  ): Promise<{ card: ModelCard; losses: number[] }> {
    const out = join(dir, backend);
    const into = ['--out', out, '--registry', join(dir, 'registry'), '--cache', join(dir, 'cache')];
    const settings = Object.entries({ ...PLAN, backend }).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const { exitCode, stderr } = await runLineside(['train', '--data', join(dir, 'data'), ...into, ...settings], env);
    assert.equal(exitCode, 0, stderr);
    const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trim().split('\n');
    const epochs = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'epoch');
    return { card: (await openArtefact(out)).card, losses: epochs.map(({ loss }) => loss) };
  }
});
