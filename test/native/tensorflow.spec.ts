import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { ChosenBackend } from '#model/backend/choose';
import { ModelCard } from '#model/card';
import { type Checkout, copyCheckout } from '../factories/checkout.js';
import { makeMarkedParts } from '../factories/marked-parts.js';
import { requireTool, tempDir } from '../factories/tools.js';

const SIDE = 64;
const PLAN = {
  resize: `{width: ${SIDE}, height: ${SIDE}, policy: squash, kernel: linear}`,
  'fineTune.freeze': 'block6c',
  'fineTune.epochs': '2',
  'features.epochs': '5',
  'augment.views': '[plain]',
};
/** A batch is shared among at most 16. */
const WORKERS = Math.min(availableParallelism(), 16);
const SET_UP = 'scripts/setup-tensorflow.mjs';
const skip = requireTool('python3').skip || requireTool('c++').skip;

describe('native TensorFlow', { skip }, () => {
  const dir = tempDir();
  const data = join(dir, 'data');
  let checkout: Checkout;
  before(async () => {
    checkout = copyCheckout(join(dir, 'a checkout'));
    await makeMarkedParts(data, { count: 64, side: SIDE });
  });

  it('is named with its set-up where it is missing, and auto goes on without a word', () => {
    assert.match(failure(), /^TENSORFLOW_MISSING .*npm run setup:tensorflow/);
    const { name, passedOver } = choose('auto');
    assert.notEqual(name, 'tensorflow');
    assert.deepEqual(passedOver, []);
    assert.match(opened(), /^RUNTIME_MISSING Runtime tensorflow cannot be used here: .*npm run setup:tensorflow/);
  });

  it('is set up from the package index, and again in no time', () => {
    const first = checkout.node([SET_UP]);
    assert.equal(first.exitCode, 0, first.stderr);
    assert.match(first.stdout, /^TensorFlow [\d.]+ is set up \(CPU\)/m);
    const started = performance.now();
    const second = checkout.node([SET_UP]);
    assert.match(second.stdout, /is there already/);
    assert.ok(performance.now() - started < 20_000, 'the second set-up fetches and builds nothing');
  });

  it('is what auto takes', () => {
    const { name, device } = choose('auto');
    assert.equal(name, 'tensorflow');
    assert.match(device, /^TensorFlow \d+\.\d+\.\d+, CPU$/);
  });

  it('has a worker per core, and one alone where it was set up before its threads were safe', () => {
    assert.equal(choose('tensorflow').workers, WORKERS);
    const stamp = inSetUp('installed.json');
    const written = readFileSync(stamp, 'utf8');
    writeFileSync(stamp, written.replace(/,\s*"isThreadSafe": true/, ''));
    assert.equal(choose('tensorflow').workers, 1);
    writeFileSync(stamp, written);
  });

  it('is refused when its library is of another version', () => {
    const stamp = inSetUp('installed.json');
    const written = readFileSync(stamp, 'utf8');
    writeFileSync(stamp, written.replace(/"tensorflow": "[^"]+"/, '"tensorflow": "2.9.1"'));
    assert.match(failure(), /^TENSORFLOW_VERSION .* 2\.9\.1 and found 2\.\d+\.\d+/);
    writeFileSync(stamp, written);
  });

  it('is refused when its library is broken, which auto passes over aloud', () => {
    const library = inSetUp('package/deps/lib/libtensorflow_framework.so.2');
    renameSync(library, `${library}.away`);
    writeFileSync(library, 'not a library');
    assert.match(failure(), /^TENSORFLOW_BROKEN .*setup:tensorflow/);
    const { passedOver } = choose('auto');
    assert.match(String(passedOver), /^tensorflow: .*does not load/);
    renameSync(`${library}.away`, library);
    assert.ok(statSync(library).size > 1e6);
  });

  it('trains to the same figures as WASM, and to the same weights each time', () => {
    const [wasm, native, again] = [train('wasm'), train('tensorflow'), train('tensorflow')];
    assert.equal(native.card.backend.name, 'tensorflow');
    assert.equal(native.card.backend.threads, WORKERS);
    assert.equal(again.card.weightsSha256, native.card.weightsSha256);
    assert.ok(wasm.epochs.length >= 7, `${wasm.epochs.length} epochs`);
    for (const [i, epoch] of wasm.epochs.entries()) {
      const other = native.epochs[i];
      assert.ok(Math.abs(epoch.loss - (other?.loss ?? 0)) < 1e-3, `epoch ${i}: loss ${epoch.loss}, ${other?.loss}`);
    }
    const [a, b] = [wasm.card.metrics.validation, native.card.metrics.validation];
    assert.ok(a !== null && b !== null);
    assert.ok(Math.abs(a.auroc - b.auroc) < 0.005, `AUROC ${a.auroc} and ${b.auroc}`);
    const figures = ({ tp, fp, tn, fn, inconclusive }: typeof a.atThreshold) => [tp, fp, tn, fn, inconclusive];
    assert.deepEqual(figures(b.atThreshold), figures(a.atThreshold));
    const thresholds = [a.atThreshold.threshold, b.atThreshold.threshold] as const;
    assert.ok(Math.abs(thresholds[0] - thresholds[1]) < 1e-3, `thresholds ${thresholds}`);
  });

  it('computes on the line what ONNX Runtime computes, from its own files of the same model', () => {
    const model = join(checkout.dir, readdirSync(join(checkout.dir, 'runs')).map((run) => `runs/${run}`)[0] ?? '');
    const { stdout, stderr } = checkout.node(['--input-type=module', '--eval', RUN, model]);
    assert.match(stdout, /^\{/m, stderr);
    const { names, difference, left, outputs } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    assert.match(String(names), /^onnxruntime-node .* cpu .*,TensorFlow 2\.\d+\.\d+, CPU/);
    assert.ok(difference < 1e-4, `largest difference of a score ${difference}`);
    assert.deepEqual(outputs, ['embedding', [1, 1280]]);
    assert.equal(left, 0, 'no tensor is left behind');
    assert.match(opened(), /^MODEL_UNREADABLE .*tfjs\/model\.json cannot be loaded/);
    assert.match(opened(model), /^MODEL_OUTPUT .*no output colour/);
  });

  it('has the gradients that this product adds to it', () => {
    const { stdout, stderr } = checkout.node(['--input-type=module', '--eval', COMPARE]);
    assert.match(stdout, /^\[/m, stderr);
    const differences: number[] = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    assert.equal(differences.length, 6);
    for (const difference of differences) assert.ok(difference < 1e-3, String(differences));
  });

  it('computes the same while signals arrive', () => {
    const { exitCode, stdout, stderr } = checkout.node(['--input-type=module', '--eval', SIGNALLED]);
    assert.equal(exitCode, 0, stderr);
    assert.equal(stdout.trim(), '0 differ');
  });

  function inSetUp(file: string): string {
    return join(checkout.dir, 'var', 'tensorflow', file);
  }

  /** The backend that answers in a fresh process of the copied checkout. */
  function choose(wanted: string): Pick<ChosenBackend, 'name' | 'device' | 'workers' | 'passedOver'> {
    const { stdout, stderr } = checkout.node(['--input-type=module', '--eval', CHOOSE, wanted]);
    assert.match(stdout, /^\{/m, stderr);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  }

  /** What a session in the runtime tensorflow says to files that are not there, or to an output that is not. */
  function opened(model = '/nowhere'): string {
    const { stdout, stderr } = checkout.node(['--input-type=module', '--eval', OPEN, model]);
    assert.match(stdout, /^[A-Z_]+ /, stderr);
    return stdout;
  }

  function failure(): string {
    const { stdout, stderr } = checkout.node(['--input-type=module', '--eval', CHOOSE, 'tensorflow']);
    assert.match(stdout, /^[A-Z_]+ /, stderr);
    return stdout;
  }

  function train(backend: string): { card: ModelCard; epochs: readonly { loss: number }[] } {
    const run = join(checkout.dir, 'runs', `${backend}${performance.now()}`);
    const into = ['--out', run, '--registry', join(checkout.dir, 'registry'), '--cache', join(checkout.dir, 'cache')];
    const settings = Object.entries({ ...PLAN, backend }).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const { exitCode, stderr } = checkout.node(
      ['dist/program/lineside.js', 'train', '--data', data, ...into, ...settings],
      { LINESIDE_DEBUG: '1' },
    );
    assert.equal(exitCode, 0, stderr);
    const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n');
    const epochs = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'epoch');
    return { card: ModelCard.parse(JSON.parse(readFileSync(join(run, 'card.json'), 'utf8'))), epochs };
  }
});

const OPEN = `
  const { TensorFlowSession } = await import('#model/runtime/tensorflow-session');
  const card = { id: 'm', files: { 'tfjs/model.json': '', 'tfjs/weights.bin': '' } };
  const session = TensorFlowSession.open({ dir: process.argv.at(-1), card }, { outputs: ['colour'] });
  await session.catch((error) => console.log(error.code + ' ' + error.message));`;

/** Golden check and scores of both runtimes on one model. */
const RUN = `
  const { readFile } = await import('node:fs/promises');
  const { openProven } = await import('#model/runtime/golden-check');
  const { outputsOf, scoreBatch } = await import('#model/runtime/score-batch');
  const { preparePicture } = await import('#model/preprocess/preprocess');
  const { memory } = await import('@tensorflow/tfjs-core');
  const [dir, maxPixels] = [process.argv.at(-1), 1e6];
  const [names, scores] = [[], []];
  let outputs = [];
  for (const runtime of ['onnx-cpu', 'tensorflow']) {
    const { artefact, session } = await openProven(dir, { runtime, maxPixels });
    const { card } = artefact;
    const pictures = await Promise.all(card.golden.map(async ({ file }) =>
      preparePicture(await readFile(dir + '/' + file), { preprocess: card.preprocess, maxPixels })));
    names.push(session.runtime);
    scores.push((await scoreBatch(session, card, pictures)).map(({ scores }) => scores[card.good]));
    await session.close();
    const tapped = await openProven(dir, { runtime, maxPixels, outputs: [...outputsOf(card), 'embedding'] });
    const { data, width, height } = pictures[0];
    const { embedding } = await tapped.session.run({ data, count: 1, width, height });
    outputs = ['embedding', embedding.dims];
    await tapped.session.close();
  }
  const difference = Math.max(...scores[0].map((score, i) => Math.abs(score - scores[1][i])));
  console.log(JSON.stringify({ names, difference, outputs, left: memory().numTensors }));`;

/** Products whose workspace is large enough to lie in the heap, until 3,000 signals have been handled between them. */
const SIGNALLED = `
  import { Worker } from 'node:worker_threads';
  const { chooseBackend } = await import('#model/backend/choose');
  const tf = await import('@tensorflow/tfjs-core');
  await chooseBackend('tensorflow');
  const wave = (shape) => tf.tensor(Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(i)), shape);
  const [a, b] = [wave([32, 1280]), wave([1280, 2])];
  const product = () => tf.tidy(() => tf.matMul(a, b).dataSync().join());
  const expected = product();
  let [signals, differ] = [0, 0];
  process.on('SIGUSR2', () => signals++);
  new Worker(
    "const idle = new Int32Array(new SharedArrayBuffer(4)); for (;;) { process.kill(process.pid, 'SIGUSR2'); Atomics.wait(idle, 0, 0, 0.2); }",
    { eval: true },
  );
  while (signals < 3_000) {
    for (let i = 0; i < 50; i++) if (product() !== expected) differ++;
    await new Promise((done) => setImmediate(done));
  }
  console.log(differ + ' differ');
  process.exit(0);`;

const CHOOSE = `
  const { chooseBackend } = await import('#model/backend/choose');
  const chosen = await chooseBackend(process.argv.at(-1)).catch((error) => error);
  console.log(chosen instanceof Error ? chosen.code + ' ' + chosen.message : JSON.stringify(chosen));`;

/** Largest difference between native and plain JavaScript, for every gradient that is registered by hand. */
const COMPARE = `
  const { chooseBackend } = await import('#model/backend/choose');
  await import('@tensorflow/tfjs-backend-cpu');
  const tf = await import('@tensorflow/tfjs-core');
  await chooseBackend('tensorflow');
  const shape = (channels, side) => [2, side, side, channels];
  const wave = (shape) => tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => 8 * Math.sin(i)), shape);
  const depthwise = (kernel, stride, pad) => (x) => {
    const filter = wave([kernel, kernel, 16, 1]);
    return tf.valueAndGrads((f) => tf.sum(tf.square(tf.depthwiseConv2d(x, f, stride, pad))))([filter]).grads[0];
  };
  const cases = [
    (x) => tf.grad((x) => tf.relu(x))(x),
    (x) => tf.grad((x) => tf.relu6(x))(x),
    depthwise(3, 1, 'same'),
    depthwise(5, 1, 'same'),
    depthwise(5, 2, 'same'),
    depthwise(7, 2, 'valid'),
  ];
  const on = async (backend, run) => {
    await tf.setBackend(backend);
    return run(wave(shape(16, 9))).dataSync().slice();
  };
  const differences = [];
  for (const run of cases) {
    const [native, plain] = [await on('tensorflow', run), await on('cpu', run)];
    const scale = plain.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
    differences.push(plain.reduce((max, value, i) => Math.max(max, Math.abs(value - native[i]) / scale), 0));
  }
  console.log(JSON.stringify(differences));`;
