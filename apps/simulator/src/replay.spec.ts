import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { InputError } from '#contracts';
import { classPaths, makeDataDir } from '../../../test/factories/labelled-pictures.js';
import { type Answer, STATION, startBroker, startScriptedInspector } from '../../../test/factories/scripted-line.js';
import { type ReplayOptions, replay } from './replay.js';

function options(data: string, broker: string, over: Partial<ReplayOptions> = {}): ReplayOptions {
  return {
    data,
    broker,
    subset: 'all',
    station: STATION,
    camera: 'cam1',
    framesPerSecond: 500,
    isSimulated: false,
    readyTimeoutMs: 60_000,
    recordTimeoutMs: 60_000,
    ...over,
  };
}

/** Judges by the folder in the part's name; the first good part is overkill, scores rank everything right. */
const answer: Answer = ({ partId = '' }) => {
  if (partId === 'good/000.png') return { verdict: 'FAIL', score: 0.4 };
  return partId.startsWith('good') ? { verdict: 'PASS', score: 0.1 } : { verdict: 'INCONCLUSIVE', score: 0.9 };
};

describe('replay', () => {
  it('sends every picture and reports what came back against the labels', async () => {
    const data = await makeDataDir(classPaths({ good: 5, crack: 4 }));
    const { url } = await startBroker();
    const seen = new Set<number | undefined>();
    const counted: Answer = (frame, picture) => {
      seen.add(frame.seq);
      return answer(frame, picture);
    };
    await startScriptedInspector({ url, cameras: ['cam1', 'cam2', 'other'], answer: counted });
    const progress: number[] = [];
    const report = await replay(options(data, url, { camera: 'cam', onProgress: (done) => progress.push(done) }));
    const { latencyMs, ...rest } = report;
    assert.deepEqual(rest, {
      sent: 9,
      notSent: 0,
      verdicts: { PASS: 4, FAIL: 1, INCONCLUSIVE: 4 },
      inconclusive: { GREY_ZONE: 4 },
      duplicates: 0,
      lost: 0,
      truth: { tp: 4, fp: 1, tn: 4, fn: 0 },
      auroc: 1,
    });
    assert.ok(latencyMs.p50 > 0 && latencyMs.p50 <= latencyMs.p99 && latencyMs.p99 <= latencyMs.max);
    assert.equal(progress.at(-1), 9);
    assert.equal(seen.size, 5, 'two cameras count their own frames');
  });

  it('keeps the rate it was given', async () => {
    const data = await makeDataDir(classPaths({ good: 6, crack: 5 }));
    const { url } = await startBroker();
    await startScriptedInspector({ url, cameras: ['cam1'], answer });
    const start = performance.now();
    await replay(options(data, url, { framesPerSecond: 100 }));
    assert.ok(performance.now() - start >= 100, '11 frames at 100 a second take at least 100 ms');
  });

  it('counts as lost what never comes back', async () => {
    const data = await makeDataDir(classPaths({ good: 3, crack: 3 }));
    const { url } = await startBroker();
    await startScriptedInspector({
      url,
      cameras: ['cam1'],
      answer: (frame, picture) => (frame.partId === 'crack/001.png' ? null : answer(frame, picture)),
    });
    const report = await replay(options(data, url, { recordTimeoutMs: 1_000 }));
    assert.deepEqual([report.sent, report.lost], [6, 1]);
    // A part without a verdict is rejected: a defect among the lost is no escape.
    assert.deepEqual(report.truth, { tp: 3, fp: 1, tn: 2, fn: 0 });
  });

  it('goes on without the pictures that the broker could not take, and tells them from lost ones', async ({ mock }) => {
    const data = await makeDataDir(classPaths({ good: 2, crack: 2 }));
    const broker = await startBroker();
    await startScriptedInspector({ url: broker.url, cameras: ['cam1'], answer });
    const troubles: string[] = [];
    // Each frame waits its whole time, however late the machine is: the end of the broker is heard meanwhile.
    mock.method(performance, 'now', () => 0);
    const report = await replay(
      options(data, broker.url, {
        framesPerSecond: 20,
        recordTimeoutMs: 50,
        onProgress: (done) => done === 1 && broker.stop(),
        onTrouble: (text) => troubles.push(text),
      }),
    );
    assert.equal(report.sent + report.notSent, 4);
    assert.ok(report.notSent >= 2);
    const { tp, fp, tn, fn } = report.truth;
    assert.equal(tp + fp + tn + fn, report.sent, 'what never left says nothing of the model');
    assert.equal(troubles.filter((text) => /not sent: Camera cam1 has no broker/.test(text)).length, 1);
  });

  it('sends only the subset that is asked for', async () => {
    const rows = ['path,label,split', 'good/000.png,good,train', 'good/001.png,good,test', 'crack/000.png,crack,test'];
    const data = await makeDataDir(classPaths({ good: 2, crack: 1 }), { 'own.csv': rows.join('\n') });
    const { url } = await startBroker();
    await startScriptedInspector({ url, cameras: ['cam1'], answer });
    const split = join(data, 'own.csv');
    assert.equal((await replay(options(data, url, { split, subset: 'test' }))).sent, 2);
    await assert.rejects(
      replay(options(data, url, { split, subset: 'val' })),
      (error) => error instanceof InputError && error.code === 'SUBSET_EMPTY',
    );
  });
});
