import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type Choice, RuntimeChooser } from '../../../apps/inspector/src/inference/choose-runtime.js';
import { Crew, type CrewOptions } from '../../../apps/inspector/src/inference/crew.js';
import { makeArtefact, redPicture, tinyGraph, tinyScore } from '../../factories/artefact.js';
import { tempDir } from '../../factories/tools.js';

/** As configured by default: the fastest that passes. */
function makeChooser(): RuntimeChooser {
  return new RuntimeChooser({
    wanted: { runtime: 'auto', precision: 'auto' },
    maxPixels: 1e6,
    dir: tempDir(),
    onForgetful: assert.fail,
  });
}

interface TestCrew {
  readonly crew: Crew;
  readonly lost: string[];
  /** Resolves when the crew says next that something changed and this holds. */
  until(isTrue: () => boolean): Promise<void>;
}

async function startCrew(over: Partial<CrewOptions> = {}): Promise<TestCrew> {
  const { dir } = await makeArtefact();
  const lost: string[] = [];
  let check = (): void => undefined;
  const crew = new Crew({
    modelId: 'tiny-1',
    modelDir: dir,
    cardSha256: null,
    workers: 1,
    batch: 4,
    maxPixels: 1e6,
    timeoutMs: 5_000,
    runtimes: makeChooser(),
    onChosen: () => undefined,
    onWorkerLost: ({ code }) => {
      lost.push(code);
      check();
    },
    onChange: () => check(),
    ...over,
  });
  after(() => crew.stop());
  await crew.start({ gently: false });
  const until = (isTrue: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      check = () => isTrue() && resolve();
      check();
    });
  return { crew, lost, until };
}

async function scoreOf(crew: Crew, red: number): Promise<number> {
  const [result] = await crew.score([{ bytes: await redPicture(red), roi: null }]);
  assert.ok(result?.ok);
  return result.scores['defect'] ?? Number.NaN;
}

describe('the worker processes of a model', { timeout: 300_000 }, () => {
  it('score encoded pictures; one that cannot be read harms no other of its batch', async () => {
    const { crew } = await startCrew({ workers: 2 });
    assert.equal(crew.pids.length, 2);
    const bytes = [await redPicture(60), Buffer.from('no picture'), await redPicture(200)];
    assert.deepEqual([crew.isIdle, crew.room], [true, 4]);
    const scoring = crew.score(bytes.map((each) => ({ bytes: each, roi: null })));
    assert.deepEqual([crew.isIdle, crew.room], [false, 3]);
    const results = await scoring;
    assert.deepEqual([crew.isIdle, crew.room], [true, 4]);
    for (const result of results)
      assert.ok(!result.ok || (result.decodeMs > 0 && result.inferMs > 0 && result.inferMs < 5_000));
    assert.deepEqual(
      results.map((result) => (result.ok ? Math.round((result.scores['defect'] ?? 0) * 1e3) : result.reason)),
      [Math.round(tinyScore(60) * 1e3), 'FRAME_DECODE', Math.round(tinyScore(200) * 1e3)],
    );
  });

  it('promise 6: one that stalls is ended in time, its batch fails, a fresh one takes over', async () => {
    const { crew, lost, until } = await startCrew({ timeoutMs: 300 });
    const [stalled] = crew.pids;
    assert.ok(stalled !== undefined);
    process.kill(stalled, 'SIGSTOP');
    const startedAt = performance.now();
    await assert.rejects(scoreOf(crew, 60), { code: 'WORKER_STALLED' });
    assert.ok(performance.now() - startedAt < 3_000, 'a stall is seen within 3 s');
    await until(() => crew.isAlive && !crew.pids.includes(stalled));
    assert.deepEqual(lost, ['WORKER_STALLED']);
    assert.ok(Math.abs((await scoreOf(crew, 60)) - tinyScore(60)) < 1e-5);
  });

  it('end with the inspector, also one that stands still', async () => {
    const { crew, lost } = await startCrew({ workers: 2 });
    const [stalled, other] = crew.pids;
    assert.ok(stalled !== undefined && other !== undefined);
    process.kill(stalled, 'SIGSTOP');
    await crew.stop();
    for (const pid of [stalled, other]) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.deepEqual(lost, []);
  });

  it('proves that it computes by an answer of late, else by a golden picture; NO_INFERENCE without a worker', async () => {
    const { crew } = await startCrew();
    await crew.prove(0);
    const [pid] = crew.pids;
    assert.ok(pid !== undefined);
    process.kill(pid, 'SIGSTOP');
    await crew.prove(60_000);
    process.kill(pid, 'SIGCONT');
    await crew.stop();
    await assert.rejects(crew.prove(0), { code: 'NO_INFERENCE' });
  });

  it('computes on, and proves it, while the folder of its model is away; what a new worker lacks then is said', async () => {
    const { dir: modelDir } = await makeArtefact();
    const { crew, lost, until } = await startCrew({ modelDir });
    renameSync(modelDir, `${modelDir}-away`);
    await crew.prove(0);
    process.kill(crew.pids[0] ?? assert.fail('a worker'), 'SIGKILL');
    await until(() => /again and again, the last: No model in .*card\.json/.test(crew.trouble ?? ''));
    assert.deepEqual(new Set(lost), new Set(['WORKER_DIED', 'MODEL_MISSING']));
    renameSync(`${modelDir}-away`, modelDir);
  });

  it('promise 6: five restarts within a minute are the budget; then the crew is not healthy, and waits for the minute to end', async ({
    mock,
  }) => {
    const { crew, lost, until } = await startCrew();
    const startedAt = performance.now();
    for (let killed = 1; killed <= 5; killed++) {
      const [pid] = crew.pids;
      assert.ok(pid !== undefined && (killed === 1 || crew.trouble === null), `healthy before kill ${killed}`);
      process.kill(pid, 'SIGKILL');
      await until(() => lost.length === killed);
      if (killed === 1) assert.match(crew.trouble ?? '', /No inference worker is alive; another is being started/);
      await until(() => crew.isAlive);
    }
    assert.match(crew.trouble ?? '', /die again and again/);
    const timers = mock.method(globalThis, 'setTimeout').mock;
    for (const pid of crew.pids) process.kill(pid, 'SIGKILL');
    await until(() => lost.length === 6);
    const sinceMs = performance.now() - startedAt;
    const waits = timers.calls.map(({ arguments: [, ms = 0] }) => ms);
    assert.ok(
      waits.some((ms) => ms <= 60_000 && ms >= 60_000 - sinceMs),
      `waits ${waits}`,
    );
    assert.deepEqual(crew.pids, []);
  });

  it('promise 8: a model that does not repeat its golden scores is refused and leaves no process behind', async () => {
    const { dir, card } = await makeArtefact({
      card: { golden: [{ file: 'golden/good.png', scores: { fp32: 0.9 } }] },
    });
    const limits = { workers: 2, batch: 4, maxPixels: 1e6, timeoutMs: 5_000 };
    const options = { modelId: card.id, modelDir: dir, cardSha256: null, ...limits };
    const silent = { onChosen: () => undefined, onWorkerLost: () => undefined, onChange: () => undefined };
    const crew = new Crew({ ...options, ...silent, runtimes: makeChooser() });
    await assert.rejects(crew.start({ gently: false }), { code: 'GOLDEN_CHECK' });
    assert.deepEqual(crew.pids, []);
  });

  it('promise 8: a model whose card is not the promoted one is refused, also by a worker that comes later', async () => {
    const { dir: modelDir, card } = await makeArtefact();
    const cardSha256 = 'a'.repeat(64);
    await assert.rejects(startCrew({ modelDir, cardSha256 }), { code: 'MODEL_HASH' });
    const { crew, lost, until } = await startCrew({ modelDir });
    const operatingPoint = { threshold: 0.99, greyZone: [0.99, 0.99] };
    writeFileSync(join(modelDir, 'card.json'), JSON.stringify({ ...card, operatingPoint }));
    for (const pid of crew.pids) process.kill(pid, 'SIGKILL');
    await until(() => lost.length >= 2);
    assert.deepEqual(lost.slice(0, 2), ['WORKER_DIED', 'MODEL_HASH']);
  });

  it('all compute in the one place that was chosen, one for each core when nobody says how many', async () => {
    const chosen: Choice[] = [];
    const { crew } = await startCrew({ workers: null, onChosen: (choice) => chosen.push(choice) });
    assert.equal(crew.pids.length, availableParallelism());
    assert.deepEqual(
      chosen.map(({ place }) => place),
      [{ runtime: 'onnx-cpu', precision: 'fp32' }],
    );
    assert.deepEqual(crew.ready?.place, chosen[0]?.place);
  });

  it('look for another place when the one remembered does not pass its check any more', async () => {
    const { dir: modelDir, card } = await makeArtefact({ graphs: { int8: tinyGraph(['good', 'defect']) } });
    const golden = card.golden.map(({ file, scores }) => ({ file, scores: { ...scores, int8: 0.3 } }));
    writeFileSync(join(modelDir, 'card.json'), JSON.stringify({ ...card, golden }));
    const remembered = { by: 'memory', msPerPicture: 1, trials: [], engineDir: '', key: 'k' } as const;
    const forgotten: string[] = [];
    const runtimes: CrewOptions['runtimes'] = {
      choose: async () => ({
        ...remembered,
        place: { runtime: 'onnx-cpu', precision: forgotten.length === 0 ? 'int8' : 'fp32' },
      }),
      forget: async ({ key }) => void forgotten.push(key),
    };
    const { crew, lost } = await startCrew({ modelDir, runtimes, workers: 2 });
    assert.deepEqual([forgotten, lost, crew.pids.length], [['k'], [], 2]);
    assert.equal(crew.ready?.place.precision, 'fp32');
    assert.ok(Math.abs((await scoreOf(crew, 60)) - tinyScore(60)) < 1e-5);
  });

  it('end at once when the inspector stops while they are still loading', { timeout: 20_000 }, async () => {
    const { dir: modelDir } = await makeArtefact();
    const place = { runtime: 'onnx-cpu', precision: 'fp32' } as const;
    const choice: Choice = { place, by: 'only', msPerPicture: null, trials: [], engineDir: '', key: 'k' };
    const unforeseen = () => assert.fail('was told of something');
    const runtimes: CrewOptions['runtimes'] = { choose: async () => choice, forget: unforeseen };
    const limits = { cardSha256: null, workers: 2, batch: 4, maxPixels: 1e6, timeoutMs: 5_000 };
    let onChosen = (): void => undefined;
    const chosen = new Promise<void>((resolve) => (onChosen = resolve));
    const told = { onChosen, onWorkerLost: unforeseen, onChange: unforeseen };
    const crew = new Crew({ modelId: 'tiny-1', modelDir, ...limits, ...told, runtimes });
    const starting = crew.start({ gently: false });
    await chosen;
    await Promise.all([crew.stop(), assert.rejects(starting, { code: 'WORKER_DIED' })]);
    assert.deepEqual(crew.pids, []);
  });

  it('leave no process behind when the inspector stops while they are being started', async () => {
    const { dir: modelDir } = await makeArtefact();
    const unforeseen = () => assert.fail('was told of something');
    let go: (choice: Choice) => void = () => undefined;
    const choosing = new Promise<Choice>((resolve) => {
      go = resolve;
    });
    const runtimes: CrewOptions['runtimes'] = { choose: () => choosing, forget: unforeseen };
    const silent = { onChosen: unforeseen, onWorkerLost: unforeseen, onChange: unforeseen };
    const limits = { cardSha256: null, workers: 1, batch: 4, maxPixels: 1e6, timeoutMs: 5_000 };
    const crew = new Crew({ modelId: 'tiny-1', modelDir, ...limits, ...silent, runtimes });
    const starting = crew.start({ gently: false });
    await crew.stop();
    const place = { runtime: 'onnx-cpu', precision: 'fp32' } as const;
    go({ place, by: 'only', msPerPicture: null, trials: [], engineDir: '', key: 'k' });
    await assert.rejects(starting, { name: 'AbortError' });
    assert.deepEqual(crew.pids, []);
  });
});
