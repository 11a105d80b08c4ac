import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { RuntimeChooser, type Wanted } from '../../../apps/inspector/src/inference/choose-runtime.js';
import type { tryRuntime as tryReally } from '../../../apps/inspector/src/inference/trial.js';
import { findChildren } from '../../chaos/processes.js';
import { fp32Entry, makeArtefact, tinyGraph, tinyScore } from '../../factories/artefact.js';
import { hideGpus } from '../../factories/software-gpu.js';
import { tempDir } from '../../factories/tools.js';
import { until } from '../../factories/until.js';

const LABELS = ['good', 'defect'];
const CPU: Wanted = { runtime: 'onnx-cpu', precision: 'auto' };

interface Setting {
  readonly wanted?: Wanted;
  readonly dir?: string;
  readonly onForgetful?: (message: string) => void;
}

function makeChooser({ wanted = CPU, dir = tempDir(), onForgetful = assert.fail }: Setting = {}): RuntimeChooser {
  return new RuntimeChooser({ wanted, maxPixels: 1e6, dir, onForgetful });
}

/** Slow in fp32, fast in int8. */
const makeSlow = () => makeArtefact({ graphs: { fp32: tinyGraph(LABELS, { work: 4 }), int8: tinyGraph(LABELS) } });

/** A promise of the card that its int8 graph does not keep. */
async function makeLiar() {
  const artefact = await makeSlow();
  const golden = [{ file: 'golden/good.png', scores: { fp32: tinyScore(60), int8: 0.3 } }];
  writeFileSync(join(artefact.dir, 'card.json'), JSON.stringify({ ...artefact.card, golden }));
  return artefact;
}

/** Whether a process handles a signal of this number. Linux. */
function catches(pid: number, number: number): boolean {
  const mask = /^SigCgt:\t([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${mask}`) >> BigInt(number - 1)) & 1n) === 1n;
}

const { signal } = new AbortController();

describe('choosing where a model computes', { timeout: 300_000 }, () => {
  it('tries nothing where nothing is left to choose', async () => {
    const { dir } = await makeArtefact();
    const { place, by, trials } = await makeChooser().choose(dir, signal);
    assert.deepEqual(
      { place, by, trials },
      { place: { runtime: 'onnx-cpu', precision: 'fp32' }, by: 'only', trials: [] },
    );
    const { dir: two } = await makeSlow();
    const named = await makeChooser({ wanted: { runtime: 'tensorflow', precision: 'auto' } }).choose(two, signal);
    assert.deepEqual([named.place, named.by], [{ runtime: 'tensorflow', precision: 'fp32' }, 'only']);
  });

  it('takes the fastest that passes its check, and remembers it for the next start', async () => {
    const { dir: modelDir } = await makeSlow();
    const dir = tempDir();
    const first = await makeChooser({ dir }).choose(modelDir, signal);
    assert.deepEqual([first.place.precision, first.by], ['int8', 'trial']);
    assert.deepEqual(
      first.trials.map(({ precision, ok }) => [precision, ok]),
      [
        ['fp32', true],
        ['int8', true],
      ],
    );
    const second = await makeChooser({ dir }).choose(modelDir, signal);
    assert.deepEqual([second.place, second.by, second.msPerPicture], [first.place, 'memory', first.msPerPicture]);
    await makeChooser({ dir }).forget(second);
    assert.equal((await makeChooser({ dir }).choose(modelDir, signal)).by, 'trial');
    writeFileSync(join(dir, 'runtimes.json'), '{"broken');
    assert.equal((await makeChooser({ dir }).choose(modelDir, signal)).by, 'trial');
    assert.match(readFileSync(join(dir, 'runtimes.json'), 'utf8'), /"precision": "int8"/);
  });

  it('does not try fp16 on a CPU that computes it in float32, unless it is named', async () => {
    const graphs = { fp32: tinyGraph(LABELS), fp16: tinyGraph(LABELS) };
    const { dir } = await makeArtefact({ graphs });
    const { place, by } = await makeChooser().choose(dir, signal);
    const isCast = process.arch === 'x64';
    assert.equal(by, isCast ? 'only' : 'trial');
    if (isCast) assert.equal(place.precision, 'fp32');
    const named = await makeChooser({ wanted: { runtime: 'onnx-cpu', precision: 'fp16' } }).choose(dir, signal);
    assert.deepEqual([named.place.precision, named.by], ['fp16', 'only']);
  });

  it('leaves out what does not repeat its own certified scores, and says so', async () => {
    const { dir } = await makeLiar();
    const { place, trials } = await makeChooser().choose(dir, signal);
    assert.equal(place.precision, 'fp32');
    const failed = trials.find(({ precision }) => precision === 'int8');
    assert.ok(failed?.ok === false && failed.code === 'GOLDEN_CHECK');
    assert.match(
      failed.message,
      /\(int8\) does not repeat .* cpu .*golden\/good\.png: score 0\.0002\d*.*certified was 0\.3/,
    );
  });

  it('never takes another precision than the one named: the reason the model was refused in it', async () => {
    const refused = { precision: 'int8', accepted: false, file: null, reason: '3 more escapes than fp32' } as const;
    const { dir } = await makeArtefact({ card: { precisions: [fp32Entry(), refused] } });
    const choosing = makeChooser({ wanted: { runtime: 'auto', precision: 'int8' } }).choose(dir, signal);
    await assert.rejects(choosing, {
      name: 'InputError',
      code: 'PRECISION_MISSING',
      message: /no int8 graph.*3 more escapes than fp32.*inference\.precision/,
    });
    const inTensorFlow = makeChooser({ wanted: { runtime: 'tensorflow', precision: 'int8' } });
    await assert.rejects(inTensorFlow.choose((await makeSlow()).dir, signal), {
      code: 'PRECISION_MISSING',
      message: /tensorflow computes in fp32 alone/,
    });
  });

  it('never takes another runtime than the one named: what is missing and what to do', async () => {
    hideGpus();
    const { dir } = await makeSlow();
    const choosing = makeChooser({ wanted: { runtime: 'onnx-webgpu', precision: 'auto' } }).choose(dir, signal);
    await assert.rejects(choosing, {
      name: 'DependencyError',
      code: 'RUNTIME_MISSING',
      message: /onnx-webgpu cannot be used here: .*adapter.*Vulkan.*inference\.runtime/s,
    });
  });

  it('survives a runtime that ends its process: WORKER_DIED', async () => {
    const { dir } = await makeSlow();
    process.env['NODE_OPTIONS'] = '--no-addons';
    try {
      await assert.rejects(makeChooser().choose(dir, signal), {
        code: 'WORKER_DIED',
        message: /Trying onnx-cpu ended its process \(code 1\)/,
      });
    } finally {
      delete process.env['NODE_OPTIONS'];
    }
  });

  it('says of a trial that was ended from outside, as where memory runs short, that it was: TRIAL_KILLED', async () => {
    const { dir } = await makeSlow();
    const choosing = makeChooser().choose(dir, signal);
    const refused = assert.rejects(choosing, {
      code: 'TRIAL_KILLED',
      message: /Trying onnx-cpu was ended from outside \(SIGKILL\).*free memory/,
    });
    await until(() => findChildren(process.pid, 'trial-process').length > 0, 'a trying process');
    for (const pid of findChildren(process.pid, 'trial-process')) process.kill(pid, 'SIGKILL');
    await refused;
  });

  for (const code of ['TRIAL_KILLED', 'WORKER_DIED'] as const)
    it(`tries a runtime again whose trial ended in the middle (${code}): at three starts, then it takes what is left and says so at each`, async () => {
      const { dir: modelDir } = await makeSlow();
      const dir = tempDir();
      const said: string[] = [];
      const wanted: Wanted = { runtime: 'onnx-cpu', precision: 'auto' };
      let isShort = true;
      let leftOut: string[] = [];
      const tryRuntime: typeof tryReally = async ({ runtime, precisions }) =>
        precisions.map((precision) =>
          precision === 'int8' && isShort
            ? { runtime, precision, ok: false, code, message: 'It was killed.' }
            : { runtime, precision, ok: true, msPerPicture: precision === 'int8' ? 1 : 2 },
        );
      const choose = async (): Promise<string> => {
        const onForgetful = (message: string) => void said.push(message);
        const chooser = new RuntimeChooser({ wanted, maxPixels: 1e6, dir, onForgetful, tryRuntime });
        const { place, by, trials } = await chooser.choose(modelDir, signal);
        leftOut = trials.flatMap((trial) => (trial.ok ? [] : [`${trial.precision} ${trial.code}`]));
        return `${place.precision} ${by}`;
      };
      const starts = (count: number) => Array.from({ length: count });
      for (const _ of starts(2)) assert.equal(await choose(), 'fp32 trial');
      isShort = false;
      assert.equal(await choose(), 'int8 trial', 'memory is there again');
      assert.equal(await choose(), 'int8 memory');
      rmSync(join(dir, 'runtimes.json'));
      isShort = true;
      for (const _ of starts(3)) assert.equal(await choose(), 'fp32 trial');
      assert.equal(await choose(), 'fp32 memory');
      assert.deepEqual(leftOut, [`int8 ${code}`]);
      assert.match(said[3] ?? '', /It was killed\. It is tried again at the next start; without runtimes\.json/);
      assert.match(said[4] ?? '', /It is tried no more; without runtimes\.json in the data folder everything is/);
    });

  it('is not misled by a Ctrl-C or a closed terminal, which the trying process hears too: the inspector still drains', async () => {
    const { dir } = await makeSlow();
    const choosing = makeChooser().choose(dir, signal);
    let trying: number | undefined;
    await until(() => {
      [trying] = findChildren(process.pid, 'trial-process');
      return trying !== undefined && catches(trying, constants.signals.SIGHUP);
    }, 'a trying process that is not ended by SIGHUP');
    for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.kill(trying ?? assert.fail('none'), name);
    assert.deepEqual(
      (await choosing).trials.map(({ ok }) => ok),
      [true, true],
    );
  });

  it('ends its trial at once when the inspector stops', async () => {
    const { dir } = await makeSlow();
    const end = new AbortController();
    const choosing = makeChooser().choose(dir, end.signal);
    setImmediate(() => end.abort());
    await assert.rejects(choosing, { name: 'AbortError' });
  });

  it('works on where it cannot remember, and says that it did not', async () => {
    const { dir: modelDir } = await makeSlow();
    const said: string[] = [];
    const dir = join(tempDir(), 'not-there');
    const { place } = await makeChooser({ dir, onForgetful: (message) => said.push(message) }).choose(modelDir, signal);
    assert.equal(place.precision, 'int8');
    assert.match(said.join(), /ENOENT.*runtimes\.json/);
  });
});
