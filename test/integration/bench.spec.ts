import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { openInspectorRoad } from '../../apps/cli/src/bench/frame-path/inspector-road.js';
import { inScratch } from '../../apps/cli/src/bench/scratch.js';
import { classPaths, makeDataDir } from '../factories/labelled-pictures.js';
import { LINESIDE, runLineside } from '../factories/lineside.js';
import { startMosquitto } from '../factories/mosquitto.js';
import { requireTool, tempDir } from '../factories/tools.js';

const mosquitto = requireTool('mosquitto');
const Ms = z.number().positive();
const InferenceRows = z.array(
  z.object({
    backbone: z.string(),
    runtime: z.string(),
    precision: z.string(),
    batch: z.number(),
    ms: Ms,
    bareMs: Ms.nullable(),
    fasterThanFp32: Ms.nullable(),
  }),
);
const StepRows = z.array(z.object({ name: z.string(), words: z.string(), msPerPicture: Ms, toPyTorch: Ms.nullable() }));
/** As little work as there is; how long it takes is nobody's business here. */
const SHORT = ['--rounds', '1', '--steps', '1', '--batch', '2', '--freeze', 'block7a'];
/** No GPU, whatever the machine has. */
const NO_GPU = { VK_ICD_FILENAMES: '/nowhere/icd.json', VK_DRIVER_FILES: '/nowhere/icd.json' };

/** A program in Python's place. */
function makeProgram(text: string): string {
  const file = join(tempDir(), 'python');
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

describe('lineside bench inference', () => {
  it('times every batch beside a bare loop', async () => {
    const what = ['--backbone', 'mobilenet-v2-0.35', '--runtime', 'onnx-cpu', '--precision', 'fp32'];
    const { exitCode, stdout, stderr } = await runLineside([
      ...['bench', 'inference', ...what, '--batch', '1', '--batch', '2', '--pictures', '2', '--json'],
    ]);
    assert.equal(exitCode, 0, stderr);
    const rows = InferenceRows.parse(JSON.parse(stdout));
    assert.deepEqual(
      rows.map(({ backbone, runtime, precision, batch }) => [backbone, runtime, precision, batch]),
      [1, 2].map((batch) => ['mobilenet-v2-0.35', 'onnx-cpu', 'fp32', batch]),
    );
    for (const { bareMs, fasterThanFp32 } of rows) {
      assert.ok(bareMs !== null);
      assert.equal(fasterThanFp32, 1);
    }
  });

  it('refuses networks and runtimes that nobody knows', async () => {
    const network = await runLineside(['bench', 'inference', '--backbone', 'alexnet']);
    assert.deepEqual([network.exitCode, /BACKBONE_UNKNOWN/.test(network.stderr)], [1, true]);
    const runtime = await runLineside(['bench', 'inference', '--runtime', 'abacus']);
    assert.match(runtime.stderr, /'--runtime <name>' argument 'abacus' is invalid\. Expected one of onnx-tensorrt/);
  });
});

describe('lineside bench train-step', () => {
  it('times wasm beside a PyTorch that answers, leaves out a backend that is not here, and no file behind', async () => {
    const temporary = tempDir();
    // Steps of a tenth of a second each, by the peer's protocol.
    const python = makeProgram(`echo '{"version": "9.9", "threads": 2}'; while read n; do echo '[100.0]'; done`);
    const backends = ['--backend', 'wasm', '--backend', 'webgpu'];
    const { exitCode, stdout, stderr } = await runLineside(
      ['bench', 'train-step', ...backends, ...SHORT, '--python', python, '--json'],
      { ...NO_GPU, TMPDIR: temporary },
    );
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /^Steps on webgpu cannot be timed: /m);
    const rows = StepRows.parse(JSON.parse(stdout));
    const names = rows.map(({ name }) => name);
    assert.deepEqual(names.slice(0, 3), ['PyTorch, norms in eval mode', 'PyTorch, norms folded', 'wasm, 1 worker']);
    assert.deepEqual(
      rows.slice(0, 2).map(({ words, msPerPicture, toPyTorch }) => [words, msPerPicture, toPyTorch]),
      Array(2).fill(['torch 9.9, 2 threads', 50, 1]),
    );
    for (const { toPyTorch, msPerPicture } of rows) assert.equal(toPyTorch, msPerPicture / 50);
    assert.deepEqual(readdirSync(temporary), []);
  });

  it('says what is wrong with a Python that cannot do the step: BENCH_PYTHON', async () => {
    const without = makeProgram(`echo "ModuleNotFoundError: No module named 'torch'" >&2; exit 1`);
    for (const [python, says] of [
      [without, /^error BENCH_PYTHON: .*No module named 'torch'\. Expected a Python with torch/],
      [join(tempDir(), 'none'), /^error BENCH_PYTHON: .*ENOENT/],
    ] as const) {
      const { exitCode, stderr } = await runLineside(['bench', 'train-step', '--python', python, ...SHORT]);
      assert.equal(exitCode, 1);
      assert.match(stderr, says);
    }
  });

  it('fails where no backend starts, and for a block that does not exist', async () => {
    const backend = await runLineside(['bench', 'train-step', '--backend', 'webgpu', ...SHORT], NO_GPU);
    assert.match(backend.stderr, /^error BENCH_STEP: None of webgpu starts here\./m);
    const block = await runLineside(['bench', 'train-step', '--freeze', 'block99']);
    assert.match(block.stderr, /^error PLAN_FREEZE: /);
  });
});

describe('lineside bench few-defects', () => {
  it('asks for pictures to measure on: BENCH_TEST', async () => {
    const paths = ['train', 'val'].flatMap((side) =>
      classPaths({ good: 4, defect: 4 }).map((path) => `${side}/${path}`),
    );
    const [data, out] = [await makeDataDir(paths), join(tempDir(), 'out')];
    const { exitCode, stderr } = await runLineside(['bench', 'few-defects', '--data', data, '--out', out]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /^error BENCH_TEST: .*expected a test side of .*, got none\. Put pictures/m);
  });
});

describe('an inspector that the bench starts', { skip: mosquitto.skip }, () => {
  it('and that ends at once is told by its own words, and leaves nothing running: BENCH_INSPECTOR', async () => {
    const { url } = await startMosquitto(mosquitto, { isQuiet: true });
    const station = { brokerUrl: url, station: 'bench/site/area/line/st', cameras: ['part'], frames: [] };
    const order = { name: 'inspector', station, registryDir: tempDir(), precision: 'fp32' } as const;
    await assert.rejects(
      inScratch((dir) => openInspectorRoad({ ...order, dir })),
      { code: 'BENCH_INSPECTOR', message: /^The inspector ended \(exit code 1\) .*READY: error CONFIG_INVALID: / },
    );
  });
});

describe('lineside bench whole-job', () => {
  it('says what a training said that failed, and nothing of a peer: BENCH_JOB', async () => {
    const { exitCode, stderr } = await runLineside(['bench', 'whole-job', '--data', join(tempDir(), 'none')]);
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      /^error BENCH_JOB: lineside train could not do the job \(exit code 1\): error DATA_MISSING: /m,
    );
    assert.doesNotMatch(stderr, /Python/);
  });

  it('takes its training and its files with it when it is told to end', async () => {
    const data = await makeDataDir(classPaths({ good: 40, defect: 40 }));
    const temporary = tempDir();
    const bench = spawn(process.execPath, [LINESIDE, 'bench', 'whole-job', '--data', data], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, TMPDIR: temporary },
    });
    const ended = once(bench, 'close');
    const said: string[] = [];
    for await (const line of createInterface({ input: bench.stderr })) {
      // The training says something: it is there, and so is its folder.
      if (said.push(line) === 1) bench.kill('SIGTERM');
    }
    assert.deepEqual(await ended, [null, 'SIGTERM'], said.join('\n'));
    assert.match(said[0] ?? '', /^lineside train: \{/);
    assert.deepEqual(readdirSync(temporary), []);
  });
});
