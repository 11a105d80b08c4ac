import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DependencyError } from '#contracts';
import { type Answer, STATION, startBroker, startScriptedInspector } from '../../../test/factories/scripted-line.js';
import { makePart, type PartSeries } from './part/part.js';
import { type SimulateOptions, simulate } from './simulate.js';

const PARTS: PartSeries = { series: 'line', seed: 1, defectShare: 0.5, lotSize: 10 };
const FRAMES = 12;
/** No verdict takes so long. */
const WINDOW_MS = 50_000;

function options(broker: string, over: Partial<SimulateOptions> = {}): SimulateOptions {
  return {
    broker,
    station: STATION,
    cameras: ['cam1'],
    parts: PARTS,
    pace: { kind: 'closed' },
    frames: FRAMES,
    windowMs: WINDOW_MS,
    readyTimeoutMs: 60_000,
    ...over,
  };
}

/** An inspector that knows the truth. */
async function truthfulAnswer(): Promise<Answer> {
  const parts = await Promise.all(Array.from({ length: FRAMES }, (_, number) => makePart(PARTS, number)));
  const truth = new Map(parts.map((part) => [part.partId, part.truth]));
  return ({ partId }) => ({ verdict: truth.get(partId ?? '') === 'good' ? 'PASS' : 'FAIL' });
}

describe('a simulated line', () => {
  it('in closed loop sends the next part after the verdict on the last', async () => {
    const { url } = await startBroker();
    const truthful = await truthfulAnswer();
    let open = 0;
    let most = 0;
    const answer: Answer = (frame, picture) => {
      most = Math.max(most, ++open);
      return truthful(frame, picture);
    };
    await startScriptedInspector({ url, cameras: ['cam1'], answer });
    const figures = await simulate(options(url, { onPart: () => open-- }));
    assert.equal(most, 1);
    assert.deepEqual(
      { ...figures, pass: null, fail: null, good: null, defective: null },
      {
        sent: FRAMES,
        received: FRAMES,
        pass: null,
        fail: null,
        inconclusive: 0,
        missed: 0,
        overkill: 0,
        lost: 0,
        unexpected: 0,
        good: null,
        defective: null,
        balancedAccuracy: 1,
      },
    );
    assert.equal(figures.pass, figures.good);
    assert.equal(figures.fail, figures.defective);
  });

  it('by rate spreads parts over the cameras and does not wait', async () => {
    const { url } = await startBroker();
    const seen: string[] = [];
    const answer: Answer = () => ({ verdict: 'INCONCLUSIVE', reason: 'GREY_ZONE' });
    await startScriptedInspector({ url, cameras: ['cam1', 'cam2'], answer });
    const figures = await simulate(
      options(url, {
        cameras: ['cam1', 'cam2'],
        pace: { kind: 'rate', framesPerSecond: 200 },
        onPart: ({ outcome }) => seen.push(outcome.frame.camera),
      }),
    );
    assert.deepEqual(new Set(seen), new Set(['cam1', 'cam2']));
    assert.deepEqual([figures.inconclusive, figures.overkill, figures.lost], [FRAMES, figures.good, 0]);
    assert.equal(figures.balancedAccuracy, 0.5);
  });

  it('rejects and counts as lost what gets no verdict', async ({ mock }) => {
    const { url } = await startBroker();
    const truthful = await truthfulAnswer();
    const later = setTimeout;
    let endWindow = (): void => undefined;
    mock.method(globalThis, 'setTimeout', (run: () => void, ms = 0) => {
      if (ms > WINDOW_MS - 10_000 && ms <= WINDOW_MS) endWindow = run;
      return later(run, ms);
    });
    const answer: Answer = (frame, picture) => {
      if (frame.seq !== 3) return truthful(frame, picture);
      endWindow();
      return null;
    };
    await startScriptedInspector({ url, cameras: ['cam1'], answer });
    const causes: string[] = [];
    const figures = await simulate(
      options(url, {
        frames: 5,
        lastVerdictsMs: 20,
        onPart: ({ outcome }) => causes.push(outcome.cause),
      }),
    );
    assert.equal(figures.lost, 1);
    assert.equal(figures.received, 4);
    assert.equal(causes[3], 'NO_VERDICT');
  });

  it('marks its frames as simulated and stops when told', async () => {
    const { url } = await startBroker();
    const stop = new AbortController();
    let unmarked = 0;
    await startScriptedInspector({
      url,
      cameras: ['cam1'],
      answer: ({ simulated }) => {
        if (!simulated) unmarked++;
        return { verdict: 'PASS' };
      },
    });
    const figures = await simulate(
      options(url, { frames: null, signal: stop.signal, onPart: ({ tally }) => tally.sent >= 3 && stop.abort() }),
    );
    assert.equal(unmarked, 0);
    assert.ok(figures.sent >= 3 && figures.sent < FRAMES);
    assert.equal(figures.lost, 0);
  });

  it('does not start before the line is READY', async () => {
    const { url } = await startBroker();
    await startScriptedInspector({ url, cameras: ['cam1'], answer: () => null, state: 'NOT_READY' });
    await assert.rejects(
      simulate(options(url, { readyTimeoutMs: 50 })),
      (error) => error instanceof DependencyError && error.code === 'LINE_NOT_READY',
    );
  });

  it('says when no broker is there, and when the broker refuses the login', async () => {
    await assert.rejects(
      simulate(options('mqtt://127.0.0.1:1')),
      (error) => error instanceof DependencyError && error.code === 'BROKER_UNREACHABLE',
    );
    const { url } = await startBroker({
      authenticate: (_client, _username, _password, done) =>
        done(Object.assign(new Error('no'), { returnCode: 4 }), false),
    });
    await assert.rejects(
      simulate(options(url, { username: 'camera' })),
      (error) =>
        error instanceof DependencyError && error.code === 'BROKER_REFUSED' && /user camera/.test(error.message),
    );
  });
});
