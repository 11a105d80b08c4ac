import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Frame } from '#contracts';
import type { Crew } from './crew.js';
import { FrozenCameras } from './frozen-cameras.js';
import { Inference } from './inference.js';
import type { Outcome } from './outcome.js';
import type { PictureResult } from './protocol.js';

const SCORED: PictureResult = { ok: true, scores: { good: 1 }, pixels: 0, decodeMs: 0, inferMs: 0 };

/** One worker that holds so many batches, and a clock that stands until the test sets it. */
function makeRoad(t: TestContext, { holds = 1 } = {}) {
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const batches: { readonly frames: number; readonly startedAt: number; readonly finish: () => void }[] = [];
  let load = 0;
  const crew = {
    ready: {},
    isAlive: true,
    get room() {
      return holds - load;
    },
    get isIdle() {
      return load === 0;
    },
    score: (pictures: readonly unknown[]) => {
      load += 1;
      return new Promise((resolve) => {
        const finish = (): void => {
          load -= 1;
          resolve(pictures.map(() => SCORED));
        };
        batches.push({ frames: pictures.length, startedAt: nowMs, finish });
      });
    },
  } as Partial<Crew> as Crew;
  const inference = new Inference({
    lineup: {
      isRecipe: () => true,
      serving: () => [{ crew, recipes: new Set(['chip']) }],
      crewOf: () => crew,
      problemOf: () => null,
    },
    limits: { maxFrames: 100, maxBytes: 10_000 },
    batch: 8,
    recipes: { roiOf: () => null },
    frozen: new FrozenCameras(() => null),
  });
  const frame = { recipe: 'chip', camera: 'cam1', bytes: new Uint8Array(1) } as Partial<Frame> as Frame;
  return {
    inference,
    batches,
    send: (expiresAt: number): Promise<Outcome> => inference.score(frame, expiresAt),
    setClock: (ms: number) => {
      nowMs = ms;
    },
  };
}

describe('frames on their way to a worker', () => {
  it('promise 7: after a burst nobody looks at what is overdue, and the next frame waits behind none of it', async (t) => {
    const { inference, batches, send, setClock } = makeRoad(t);
    const burst = Array.from({ length: 20 }, () => send(150));
    assert.equal(inference.held.frames, 20);
    setClock(200);
    batches[0]?.finish();
    const [first, ...others] = await Promise.all(burst);
    assert.equal(first?.kind, 'scored');
    for (const outcome of others) {
      assert.equal(outcome.kind === 'refused' && outcome.reason, 'LATE');
      assert.equal(outcome.queueMs, 200);
    }
    assert.deepEqual([batches.length, inference.held], [1, { frames: 0, bytes: 0 }]);
    const next = send(350);
    assert.equal(batches[1]?.frames, 1);
    batches[1]?.finish();
    assert.equal((await next).kind, 'scored');
  });

  it('promise 7: where they come a little faster than the worker, most are in time all the same', async (t) => {
    const { batches, send, setClock } = makeRoad(t, { holds: 2 });
    const [everyMs, pictureMs, windowMs] = [15, 18, 150];
    let [now, freeAt, inTime, sent] = [0, 0, 0, 0];
    for (; now < 6_000; now++) {
      setClock(now);
      if (now % everyMs === 0) {
        const expiresAt = now + windowMs;
        sent += 1;
        void send(expiresAt).then(({ kind }) => {
          if (kind === 'scored' && now <= expiresAt) inTime += 1;
        });
      }
      const [batch] = batches;
      if (batch !== undefined && now >= Math.max(freeAt, batch.startedAt) + batch.frames * pictureMs) {
        freeAt = now;
        batches.shift();
        batch.finish();
      }
      await nextTurn();
    }
    assert.ok(
      inTime > 0.7 * sent,
      `${inTime} of ${sent} were in time; the worker can do ${everyMs / pictureMs} of them`,
    );
  });

  it('promise 13: are never fresher than they are: a clock set back makes no camera seem to run that stands still', async (t) => {
    const { inference, batches, send, setClock } = makeRoad(t);
    const startMs = Date.parse('2026-01-02T03:00:00.000Z');
    t.mock.timers.enable({ apis: ['Date'], now: startMs });
    assert.equal(inference.lastInferenceTs('cam1'), null);
    const outcome = send(150);
    batches[0]?.finish();
    await outcome;
    const at = (monotonicMs: number, clock: string): string | null => {
      setClock(monotonicMs);
      t.mock.timers.setTime(Date.parse(clock));
      return inference.lastInferenceTs('cam1');
    };
    assert.equal(at(2_000, '2026-01-02T03:00:01.999Z'), '2026-01-02T03:00:00.000Z');
    assert.equal(at(60_000, '2026-01-02T02:01:00.000Z'), '2026-01-02T02:00:00.000Z');
    assert.equal(at(61_000, '2026-01-02T02:01:00.999Z'), '2026-01-02T02:00:00.000Z', 'one word for one moment');
    assert.equal(at(62_000, '2026-01-02T09:00:00.000Z'), '2026-01-02T02:00:00.000Z', 'set forth it looks older');
  });

  it('that come when their window is over are LATE at once', async (t) => {
    const { batches, send, setClock } = makeRoad(t);
    setClock(10);
    const outcome = await send(10);
    assert.equal(outcome.kind === 'refused' && outcome.reason, 'LATE');
    assert.equal(batches.length, 0);
  });
});
