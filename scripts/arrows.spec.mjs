import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ROOT } from './setup.mjs';

const REFUSED = [
  ['libs/contracts/src', '#model/card'],
  ['libs/contracts/src', '#contracts/door'],
  ['libs/contracts/src', '../../../apps/cli/src/main.js'],
  ['libs/model/src/onnx', '#registry'],
  ['libs/model/src/onnx', '#model/card'],
  ['libs/model/src/onnx', '@nestjs/common'],
  ['libs/model/src/onnx', 'onnxruntime-node'],
  ['libs/model/src/onnx', '@tensorflow/tfjs-backend-cpu'],
  ['libs/model/src/backend', 'mqtt'],
  ['libs/registry/src', '#config'],
  ['libs/registry/src', '../../../config/load.js'],
  ['config', '#registry'],
  ['config', '#config'],
  ['config', '../libs/contracts/src/errors.js'],
  ['apps/inspector/src', 'mqtt'],
  ['apps/inspector/src', '../../trainer/src/train.js'],
  ['apps/inspector/src/mqtt', 'webgpu'],
  ['apps/simulator/src', '../../inspector/src/line.js'],
  ['apps/trainer/src/fit', '../steps/fit.js'],
  ['apps/dashboard/src/live', '#config'],
  ['apps/dashboard/src/live', '../../../inspector/src/line.js'],
  ['apps/cli/src', '../../../libs/model/src/card.js'],
];
const ALLOWED = [
  ['libs/contracts/src', './errors.js'],
  ['libs/model/src/onnx', '#contracts'],
  ['libs/model/src/onnx', '@tensorflow/tfjs-core'],
  ['libs/model/src/backend', 'webgpu'],
  ['libs/registry/src', '#model/card'],
  ['config', '#contracts'],
  ['apps/inspector/src/mqtt', 'mqtt'],
  ['apps/trainer/src/steps', '../fit/half.js'],
  ['apps/dashboard/src/live', '#contracts'],
  ['apps/cli/src', '../../trainer/src/train.js'],
  ['test/integration', '../../apps/inspector/src/line.js'],
];

describe('arrows between packages, to the linter', () => {
  const dir = mkdtempSync(join(tmpdir(), 'arrows-'));
  after(() => rmSync(dir, { recursive: true }));
  /** Files that it refused, by their place in the table: once imported at the top, once on demand. */
  let refused = [];

  before(() => {
    const config = { plugins: [join(ROOT, 'scripts/arrows.grit')], linter: { rules: { preset: 'none' } } };
    writeFileSync(join(dir, 'biome.json'), JSON.stringify(config));
    for (const [i, [folder, name]] of [...REFUSED, ...ALLOWED].entries()) {
      for (const [how, line] of [
        ['top', `import '${name}';`],
        ['demand', `await import('${name}');`],
      ]) {
        const file = join(dir, folder, `${i}-${how}.ts`);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, `${line}\n`);
      }
    }
    const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
    const args = [biome, 'lint', '--reporter=github', '--max-diagnostics=none', '.'];
    const { stdout } = spawnSync(process.execPath, args, { cwd: dir, encoding: 'utf8' });
    refused = [...stdout.matchAll(/title=plugin,file=[^,]*?(\d+-\w+)\.ts/g)].map(([, file]) => file);
  });

  for (const [i, [folder, name]] of REFUSED.entries()) {
    it(`refuses ${name} in ${folder}`, () => {
      assert.deepEqual(
        [`${i}-top`, `${i}-demand`].map((file) => refused.includes(file)),
        [true, true],
      );
    });
  }

  for (const [i, [folder, name]] of ALLOWED.entries()) {
    it(`lets ${folder} have ${name}`, () => {
      const at = REFUSED.length + i;
      assert.deepEqual(
        [`${at}-top`, `${at}-demand`].map((file) => refused.includes(file)),
        [false, false],
      );
    });
  }
});
