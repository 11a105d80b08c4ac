import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { DependencyError, type Verdict } from '#contracts';
import { makeArtefact } from '../../../test/factories/artefact.js';
import { makeArrival } from '../../../test/factories/frames.js';
import { holdClock } from '../../../test/factories/held-clock.js';
import { countOf } from '../../../test/factories/metrics.js';
import { until } from '../../../test/factories/until.js';
import { CameraFigures } from './health/camera-figures.js';
import { Counters } from './health/counters.js';
import { type Outcome, refuse } from './inference/outcome.js';
import { CameraClock } from './ingest/camera-clock.js';
import type { Message } from './ingest/read-frame.js';
import type { Acceptance, Arrival } from './ledger/rows.js';
import { Line, type Stations } from './line.js';

const { card } = await makeArtefact();
const GOOD: Outcome = {
  kind: 'scored',
  scores: { good: 0.9, defect: 0.1 },
  card,
  cardSha256: 'c'.repeat(64),
  place: { runtime: 'onnx-cpu', precision: 'fp32' },
  queueMs: 1,
  decodeMs: 2,
  inferMs: 3,
};

const clock = holdClock();

function message(over: Partial<Message> = {}): Message {
  return {
    camera: 'cam1',
    payload: Buffer.from('picture'),
    userProperties: { frameId: 'f1' },
    receivedAt: performance.now(),
    receivedTs: new Date().toISOString(),
    isStale: false,
    ...over,
  };
}

/** A line whose stations write down what they are asked, in order. What a test does not foresee fails it. */
function makeLine(over: Partial<Stations> = {}, acceptance: Acceptance = { kind: 'new' }) {
  const steps: string[] = [];
  const published: Verdict[] = [];
  const refused: string[] = [];
  const figures = new CameraFigures();
  const counters = new Counters();
  const rules = { isSynchronised: false, toleranceMs: 250, transportAllowanceMs: 0 };
  const unforeseen = () => assert.fail('not foreseen');
  const line = new Line({
    bootId: 'boot-1',
    mode: 'production',
    rules: { recipeOf: new Map([['cam1', 'chip']]), maxFrameBytes: 1_000 },
    cameras: new Map([['cam1', { clock: new CameraClock(rules), figures }]]),
    recipes: { deadlineOf: () => 1_000 },
    ledger: {
      accept: async ({ frameId }: Arrival) => {
        steps.push(`accept ${frameId}`);
        return acceptance;
      },
      close: async ({ verdict }) => {
        steps.push(`close ${verdict.verdict}`);
        return 'recorded';
      },
      overtake: unforeseen,
      openFrames: unforeseen,
      markBoot: unforeseen,
      lastSequences: unforeseen,
    },
    inference: {
      score: async () => {
        steps.push('score');
        return GOOD;
      },
    },
    pictures: { choose: () => null, keep: unforeseen, keepLater: unforeseen },
    publisher: {
      publishVerdict: (verdict) => {
        steps.push(`publish ${verdict.verdict}`);
        published.push(verdict);
      },
    },
    parts: stationsOf().parts,
    outbox: { wake: () => void steps.push('wake') },
    challenges: stationsOf().challenges,
    holds: { refuse: () => null },
    supervision: { see: () => undefined },
    board: { showVerdict: () => void steps.push('show'), showFrame: () => undefined },
    counters,
    reporter: { internalError: (error) => assert.fail(String(error)), frameRefused: () => undefined },
    onLedgerRefused: (error) => void refused.push((error as DependencyError).code),
    ...over,
  });
  return { line, steps, published, refused, figures, counters };
}

const diskFull = () => Promise.reject(new DependencyError('LEDGER_WRITE', 'disk full'));

describe('the road of one frame', () => {
  it('promise 3: accepted before acknowledged, decided and on the disk before published, then everybody else', async () => {
    const { line, steps } = makeLine();
    await line.accept(message());
    steps.push('acknowledge');
    await line.drain(1_000);
    assert.deepEqual(steps, ['accept f1', 'score', 'acknowledge', 'close PASS', 'publish PASS', 'wake', 'show']);
  });

  it('is INCONCLUSIVE where its camera was held when it came, also if a change-over is over before it is on the disk', async () => {
    let isHeld = true;
    const { line, steps, published } = makeLine({
      holds: { refuse: () => (isHeld ? refuse('NO_RECIPE', 'Changing over.') : null) },
      ledger: {
        ...stationsOf().ledger,
        accept: async () => {
          isHeld = false;
          return { kind: 'new' };
        },
        close: async () => 'recorded',
      },
    });
    await line.accept(message());
    await line.drain(1_000);
    assert.deepEqual(
      published.map(({ verdict, reason, score }) => [verdict, reason, score]),
      [['INCONCLUSIVE', 'NO_RECIPE', null]],
    );
    assert.equal(steps.includes('score'), false);
  });

  it('promise 12: passes nothing that came with a challenge part which locks its camera and has its scores in the same batch', async () => {
    let isLocked = false;
    const overtaken: string[] = [];
    let answer = (_outcome: Outcome): void => undefined;
    const batch = new Promise<Outcome>((resolve) => {
      answer = resolve;
    });
    const { line, published } = makeLine({
      inference: { score: () => batch },
      ledger: {
        ...stationsOf().ledger,
        overtake: async (heard) => void overtaken.push('frameId' in heard ? heard.frameId : ''),
      },
      pictures: { choose: () => null, keep: async () => undefined, keepLater: async () => undefined },
      holds: {
        refuse: ({ challenge }) => (isLocked && !challenge ? refuse('CHALLENGE', 'A challenge part passed.') : null),
      },
      challenges: {
        ...stationsOf().challenges,
        lock: ({ frameId }) => {
          isLocked ||= frameId === 'red-rabbit';
        },
      },
    });
    for (const frameId of ['before', 'red-rabbit', 'after', 'last'])
      await line.accept(message({ userProperties: { frameId, challenge: String(frameId === 'red-rabbit') } }));
    answer(GOOD);
    await line.drain(1_000);
    assert.deepEqual(
      published.map(({ frameId, verdict, reason }) => `${frameId} ${verdict} ${reason}`),
      ['before', 'red-rabbit', 'after', 'last'].map((frameId) => `${frameId} INCONCLUSIVE CHALLENGE`),
    );
    assert.deepEqual(overtaken, ['before'], 'the one that was decided before the lock');
  });

  it('is timed: to its acceptance, for its record and as a whole', async () => {
    const after = (ms: number) => async () => clock.pass(ms);
    const { line, published, figures, counters } = makeLine({
      ledger: {
        ...stationsOf().ledger,
        accept: () => after(3)().then(() => ({ kind: 'new' })),
        close: () => after(20)().then(() => 'recorded'),
      },
      inference: { score: () => after(100)().then(() => GOOD) },
    });
    await line.accept(message());
    await line.drain(1_000);
    const { accept, record } = published[0]?.latencyMs ?? {};
    assert.deepEqual([accept, record, figures.p99Ms], [3, 20, 123]);
    assert.match(await counters.print(), /latency_seconds_sum\{camera="cam1"\} 0\.123/);
  });

  it('promise 12: what locks a camera is handed to the ledger before the verdict: no crash leaves one without the other', async () => {
    const { line, steps } = makeLine({
      challenges: {
        ...stationsOf().challenges,
        lock: ({ frameId }) => void steps.push(`lock after ${frameId}`),
      },
    });
    await line.accept(message());
    await line.drain(1_000);
    assert.deepEqual(steps.slice(1, 5), ['score', 'lock after f1', 'close PASS', 'publish PASS']);
  });

  it('what was marked as a challenge part is released when it is known whether the ledger takes it', async () => {
    const { ledger, challenges } = stationsOf();
    const acceptances: Stations['ledger']['accept'][] = [
      async () => ({ kind: 'new' }),
      async ({ frameId }) => ({ kind: 'duplicate', frameId, verdict: null }),
      diskFull,
    ];
    for (const accept of acceptances) {
      const steps: string[] = [];
      const { line } = makeLine({
        ledger: {
          ...ledger,
          accept: (arrival) => {
            steps.push('accept');
            return accept(arrival);
          },
        },
        challenges: {
          ...challenges,
          mark: (frame) => ({ ...frame, challenge: true }),
          take: () => void steps.push('take'),
          release: ({ challenge }) => void steps.push(`release ${challenge}`),
        },
      });
      await line.accept(message()).catch(() => undefined);
      assert.deepEqual(
        steps.filter((step) => step !== 'take'),
        ['accept', 'release true'],
      );
      assert.equal(steps[1] === 'take', accept === acceptances[0]);
      await line.drain(1_000);
    }
  });

  it('the acknowledgement does not wait for the verdict', async () => {
    const never = new Promise<Outcome>(() => undefined);
    const { line, steps } = makeLine({ inference: { score: () => never } });
    await line.accept(message());
    assert.deepEqual(steps, ['accept f1']);
    assert.equal(line.openFrames, 1);
  });

  it('promise 4: what the ledger does not take is not acknowledged, and the gate hears INCONCLUSIVE', async () => {
    const { ledger } = stationsOf();
    const { line, published, refused, figures } = makeLine({ ledger: { ...ledger, accept: diskFull } });
    await assert.rejects(line.accept(message()), { code: 'LEDGER_WRITE' });
    assert.deepEqual(
      published.map(({ verdict, recorded }) => [verdict, recorded]),
      [['INCONCLUSIVE', false]],
    );
    assert.deepEqual(refused, ['LEDGER_WRITE']);
    assert.equal(figures.accepted, 0);
  });

  it('promise 1: what the ledger did not take is missing until it comes again', async () => {
    const missing: unknown[] = [];
    const accept: Stations['ledger']['accept'] = async (arrival) => {
      if (arrival.seq === 7) return diskFull();
      missing.push(arrival.missing);
      return { kind: 'new' };
    };
    const { line, figures } = makeLine({ ledger: { ...stationsOf().ledger, accept } });
    const send = (seq: number) =>
      line.accept(message({ userProperties: { frameId: `f${seq}`, seq: `${seq}`, bootId: 'b1' } }));
    await send(6);
    await assert.rejects(send(7), { code: 'LEDGER_WRITE' });
    await send(8);
    assert.deepEqual([missing, figures.gaps], [[null, [7, 7]], 1]);
    await line.drain(1_000);
  });

  it('promise 4: a verdict the ledger does not take is never published; the frame is closed when the disk is back', async () => {
    const { ledger } = stationsOf();
    let attempts = 0;
    const closed: Verdict[] = [];
    const disk = new EventEmitter();
    const close: Stations['ledger']['close'] = async ({ verdict }) => {
      attempts += 1;
      if (attempts === 1) return diskFull();
      await once(disk, 'back');
      closed.push(verdict);
      return 'recorded';
    };
    const ofParts: string[] = [];
    const shown: Verdict[] = [];
    const { line, published, refused, figures, counters } = makeLine({
      ledger: { ...ledger, close },
      board: { showVerdict: (verdict) => void shown.push(verdict), showFrame: () => undefined },
      supervision: { see: (verdict) => void shown.push(verdict) },
      parts: { ...stationsOf().parts, add: ({ verdict, reason }) => void ofParts.push(`${verdict} ${reason}`) },
    });
    await line.accept(message());
    await nextTurn();
    assert.deepEqual([attempts, line.openFrames, figures.closed], [2, 1, 0], 'open as long as the disk is away');
    assert.deepEqual([refused, ofParts], [['LEDGER_WRITE'], ['INCONCLUSIVE INTERNAL']]);
    assert.deepEqual(shown, [...published, ...published], 'page and alarms go by what the gate heard');
    disk.emit('back');
    await line.drain(5_000);
    assert.equal(shown.length, 2);
    assert.deepEqual(
      published.map(({ verdict, recorded }) => [verdict, recorded]),
      [['INCONCLUSIVE', false]],
    );
    assert.deepEqual(
      closed.map(({ verdict, historical }) => [verdict, historical]),
      [['INCONCLUSIVE', true]],
    );
    assert.deepEqual([figures.accepted, figures.closed], [1, 1]);
    assert.equal(await countOf(counters, 'verdicts_unrecorded'), 1);
  });

  it('promise 2: a verdict that a slow disk refuses when the window is over is late too, at the gate and in the record', async () => {
    const { ledger } = stationsOf();
    const closed: Verdict[] = [];
    const close: Stations['ledger']['close'] = async ({ verdict }) => {
      if (published.length === 0) {
        clock.pass(30);
        return diskFull();
      }
      closed.push(verdict);
      return 'recorded';
    };
    const { line, published, counters } = makeLine({
      recipes: { deadlineOf: () => 20 },
      ledger: { ...ledger, close },
    });
    await line.accept(message());
    await line.drain(5_000);
    const told = [...published, ...closed].map(({ verdict, reason, late }) => `${verdict} ${reason} ${late}`);
    assert.deepEqual(told, ['INCONCLUSIVE INTERNAL true', 'INCONCLUSIVE INTERNAL true']);
    assert.equal(await countOf(counters, 'verdicts_late'), 1);
  });

  it('promise 4: a verdict that is on the disk although the commit seemed to fail stands; no second one is given', async () => {
    const { ledger } = stationsOf();
    const answers = [diskFull, async () => 'already' as const];
    const close: Stations['ledger']['close'] = () => (answers.shift() ?? (() => assert.fail('a third attempt')))();
    const { line, figures } = makeLine({ ledger: { ...ledger, close } });
    await line.accept(message());
    await line.drain(5_000);
    assert.equal(answers.length, 0);
    assert.deepEqual([figures.accepted, figures.closed, line.openFrames], [1, 1, 0]);
  });

  it('promise 2: a verdict whose window ends while it is recorded is late for the gate, the record, alarms and the page alike', async () => {
    const { ledger } = stationsOf();
    const close: Stations['ledger']['close'] = async () => {
      clock.pass(30);
      return 'recorded';
    };
    const overtaken: string[] = [];
    const overtake: Stations['ledger']['overtake'] = async ({ verdict, reason }) =>
      void overtaken.push(`${verdict} ${reason}`);
    const seen: string[] = [];
    const see = ({ verdict, reason }: Verdict): void => void seen.push(`${verdict} ${reason}`);
    const kept: string[] = [];
    const { line, published, counters } = makeLine({
      recipes: { deadlineOf: () => 20 },
      ledger: { ...ledger, close, overtake },
      pictures: {
        choose: () => null,
        keep: async () => assert.fail('not foreseen'),
        keepLater: async ({ reason }) => void kept.push(reason),
      },
      supervision: { see },
      board: { showVerdict: see, showFrame: () => undefined },
    });
    await line.accept(message());
    await line.drain(1_000);
    assert.deepEqual(overtaken, ['INCONCLUSIVE LATE'], 'beside what was recorded');
    assert.deepEqual(seen, ['INCONCLUSIVE LATE', 'INCONCLUSIVE LATE'], 'by alarms and page');
    assert.deepEqual(kept, ['LATE'], 'with its picture, as of any reject');
    assert.equal(await countOf(counters, 'verdicts_late'), 1);
    assert.deepEqual(
      published.map(({ verdict, reason, late }) => [verdict, reason, late]),
      [['INCONCLUSIVE', 'LATE', true]],
    );
    assert.equal(await countOf(counters, 'verdicts_overtaken'), 1);
  });

  it('promise 2: that a verdict was overtaken is recorded when the disk is back, where it is refused at first', async () => {
    const { ledger } = stationsOf();
    const answers = [diskFull, async () => undefined];
    const { line, refused, steps } = makeLine({
      recipes: { deadlineOf: () => 20 },
      ledger: {
        ...ledger,
        close: async () => {
          clock.pass(30);
          return 'recorded';
        },
        overtake: () => (answers.shift() ?? (() => assert.fail('a third attempt')))(),
      },
      pictures: { choose: () => 'hash', keep: async () => undefined, keepLater: () => assert.fail('kept already') },
    });
    await line.accept(message());
    await line.drain(1_000);
    await until(() => answers.length === 0 && steps.filter((step) => step === 'wake').length === 2, 'the second row');
    assert.deepEqual(refused, ['LEDGER_WRITE']);
  });

  it('promise 1: a duplicate gets the first verdict, is counted apart and is not looked at', async () => {
    const first = { ...(await verdictOf(GOOD)), validUntil: new Date(Date.now() + 60_000).toISOString() };
    const { line, steps, published, figures } = makeLine({}, { kind: 'duplicate', frameId: 'f1', verdict: first });
    await line.accept(message());
    await nextTurn();
    assert.deepEqual(steps, ['accept f1', 'publish PASS']);
    assert.deepEqual(published, [first]);
    assert.deepEqual([figures.accepted, figures.duplicates], [0, 1]);
  });

  it('promise 1: a duplicate that comes before the first verdict gets it when it is given', async () => {
    const frames = new EventEmitter();
    const acceptances: Acceptance[] = [{ kind: 'new' }, { kind: 'duplicate', frameId: 'f1', verdict: null }];
    const { line, published } = makeLine({
      ledger: { ...stationsOf().ledger, accept: async () => acceptances.shift() ?? assert.fail('a third frame') },
      inference: { score: async () => once(frames, 'looked at').then(() => GOOD) },
    });
    await line.accept(message());
    await line.accept(message());
    await nextTurn();
    assert.deepEqual(published, []);
    frames.emit('looked at');
    await line.drain(1_000);
    await nextTurn();
    assert.deepEqual(
      published.map(({ frameId, verdict }) => `${frameId} ${verdict}`),
      ['f1 PASS', 'f1 PASS'],
    );
  });

  it('promise 12: is no PASS where its camera is taken off the line while it is recorded, nor for a duplicate then', async () => {
    let isHeld = false;
    const overtaken: string[] = [];
    const acceptances: Acceptance[] = [{ kind: 'new' }];
    const { line, published, counters } = makeLine({
      holds: { refuse: () => (isHeld ? refuse('CHALLENGE', 'A challenge part passed.') : null) },
      ledger: {
        ...stationsOf().ledger,
        accept: async () => acceptances.shift() ?? { kind: 'duplicate', frameId: 'f1', verdict: await verdictOf(GOOD) },
        close: async ({ verdict }) => {
          assert.equal(verdict.verdict, 'PASS');
          isHeld = true;
          return 'recorded';
        },
        overtake: async ({ verdict, reason, late }) => void overtaken.push(`${verdict} ${reason} ${late}`),
      },
      pictures: { choose: () => null, keep: async () => undefined, keepLater: async () => undefined },
    });
    await line.accept(message());
    await line.drain(1_000);
    await line.accept(message());
    await nextTurn();
    assert.deepEqual(overtaken, ['INCONCLUSIVE CHALLENGE false'], 'beside what was recorded');
    assert.deepEqual(
      published.map(({ verdict, reason }) => `${verdict} ${reason}`),
      ['INCONCLUSIVE CHALLENGE', 'INCONCLUSIVE CHALLENGE'],
    );
    assert.equal(await countOf(counters, 'verdicts_overtaken'), 1);
  });

  it('promise 2: a duplicate after the window gets the first verdict as history and never as PASS', async () => {
    const first = { ...(await verdictOf(GOOD)), validUntil: '2026-01-01T00:00:00.000Z' };
    const { line, published } = makeLine({}, { kind: 'duplicate', frameId: 'f1', verdict: first });
    await line.accept(message());
    await nextTurn();
    assert.deepEqual(
      published.map(({ verdict, reason, historical, late }) => [verdict, reason, historical, late]),
      [['INCONCLUSIVE', 'LATE', true, true]],
    );
  });

  it('promise 2: so it does where the clock was set back since: its window does not come again', async () => {
    const hourOn = (ms: number) => new Date(Date.now() + 3_600_000 + ms).toISOString();
    const first = { ...(await verdictOf(GOOD)), validUntil: hourOn(500) };
    const verdict = { ...first, ts: { ...first.ts, received: hourOn(0), decided: hourOn(20) } };
    const { line, published } = makeLine({}, { kind: 'duplicate', frameId: 'f1', verdict });
    await line.accept(message());
    await nextTurn();
    assert.deepEqual(
      published.map(({ verdict, reason, historical }) => [verdict, reason, historical]),
      [['INCONCLUSIVE', 'LATE', true]],
    );
  });

  it('promise 4: a frame delivered again after the connection broke is LATE', async () => {
    const { line, published, counters } = makeLine();
    const again = message({ isStale: true });
    clock.pass(1);
    await line.accept(again);
    await line.drain(1_000);
    assert.equal(await countOf(counters, 'verdicts_late'), 1);
    assert.deepEqual(
      published.map(({ verdict, reason }) => `${verdict} ${reason}`),
      ['INCONCLUSIVE LATE'],
    );
  });

  it('a frame that carries the id of another is recorded under its own and refused', async () => {
    const { ledger } = stationsOf();
    const accepted: string[] = [];
    const accept: Stations['ledger']['accept'] = async ({ frameId }) => {
      accepted.push(frameId);
      return frameId === 'f1' ? { kind: 'conflict', frameId } : { kind: 'new' };
    };
    const told: string[] = [];
    const frameRefused: Stations['reporter']['frameRefused'] = (_, { message: words }) => void told.push(words);
    const reporter = { internalError: assert.fail, frameRefused };
    const { line, published, counters } = makeLine({ ledger: { ...ledger, accept }, reporter });
    await line.accept(message());
    await line.drain(1_000);
    assert.equal(accepted.length, 2);
    assert.match(told.join(), /^frameId f1 belongs to another frame\./, 'it said no number');
    assert.equal(await countOf(counters, 'frames_conflict'), 1);
    assert.deepEqual(
      published.map(({ reason, identity }) => [reason, identity]),
      [['FRAME_METADATA', 'derived']],
    );
  });

  it('a frame whose metadata is wrong keeps its names in the verdict, and the log hears what is wrong', async () => {
    const told: unknown[] = [];
    const frameRefused: Stations['reporter']['frameRefused'] = ({ frameId }, { reason, message: words }) =>
      void told.push([frameId, reason, words]);
    const { line, published } = makeLine({ reporter: { internalError: assert.fail, frameRefused } });
    await line.accept(message({ userProperties: { frameId: 'f1', partId: 'SN1', seq: 'x' } }));
    await line.drain(1_000);
    assert.deepEqual(
      published.map(({ frameId, partId, reason }) => [frameId, partId, reason]),
      [['f1', 'SN1', 'FRAME_METADATA']],
    );
    assert.deepEqual(told, [
      ['f1', 'FRAME_METADATA', 'Frame metadata refused: `seq`: expected a whole number from 0 on.'],
    ]);
  });

  it('an error of ours ends one frame as INTERNAL, not the line', async () => {
    const errors: unknown[] = [];
    const { line, published, counters } = makeLine({
      inference: { score: () => Promise.reject(new TypeError('a bug')) },
      reporter: { internalError: (error) => void errors.push(error), frameRefused: () => undefined },
    });
    await line.accept(message());
    await line.drain(1_000);
    assert.deepEqual(
      published.map(({ verdict, reason }) => `${verdict} ${reason}`),
      ['INCONCLUSIVE INTERNAL'],
    );
    assert.equal(errors.length, 1);
    assert.equal(await countOf(counters, 'internal_errors'), 1);
  });

  it('a page that breaks is told and counted; the gate has heard its verdict before', async () => {
    const errors: unknown[] = [];
    const { line, steps } = makeLine({
      board: { showVerdict: () => assert.fail('a bug of the page'), showFrame: () => undefined },
      reporter: { internalError: (error) => void errors.push(error), frameRefused: () => undefined },
    });
    await line.accept(message());
    await line.drain(1_000);
    assert.ok(steps.includes('publish PASS'));
    assert.equal(errors.length, 1);
  });

  it('a frame that the ledger is taking while the line is drained is seen through too', async () => {
    const { ledger } = stationsOf();
    const disk = new EventEmitter();
    const { line, published } = makeLine({
      ledger: { ...ledger, accept: () => once(disk, 'written').then(() => ({ kind: 'new' })) },
    });
    const accepted = line.accept(message());
    const drained = line.drain(60_000).then(() => published.map(({ verdict }) => verdict));
    await nextTurn();
    disk.emit('written');
    await accepted;
    assert.deepEqual(await drained, ['PASS']);
  });

  it('ends within the time it is given where the disk takes neither the verdict on a frame nor that on its part', async () => {
    const { ledger, parts } = stationsOf();
    const ended = new AbortController();
    const never = () => once(ended.signal, 'abort').then(() => undefined);
    const { line } = makeLine({ ledger: { ...ledger, close: diskFull }, parts: { ...parts, drain: never } });
    await line.accept(message());
    const first = await Promise.race([line.drain(60).then(() => 'drained'), wait(100, 'too long')]);
    ended.abort();
    assert.equal(first, 'drained');
  });

  it('promise 3: what a crash left open is closed before the first frame, and sequences go on', async () => {
    const closed: Verdict[] = [];
    const steps: string[] = [];
    const { line, figures } = makeLine({
      ledger: {
        accept: async ({ missing }) => {
          steps.push(`missing ${missing}`);
          return { kind: 'new' };
        },
        close: async ({ verdict }) => {
          closed.push(verdict);
          return 'recorded';
        },
        overtake: async () => assert.fail('not foreseen'),
        openFrames: async () => [makeArrival({ frameId: 'left' })],
        markBoot: async (bootId) => void steps.push(`boot ${bootId}`),
        lastSequences: async () => [{ camera: 'cam1', cameraBootId: 'b1', seq: 6 }],
      },
    });
    assert.equal(await line.recover(), 1);
    assert.deepEqual(
      closed.map(({ frameId, reason, historical }) => [frameId, reason, historical]),
      [['left', 'INTERRUPTED', true]],
    );
    await line.accept(message({ userProperties: { frameId: 'f9', seq: '9', bootId: 'b1' } }));
    assert.deepEqual(steps, ['boot boot-1', 'missing 7,8']);
    assert.equal(figures.gaps, 2);
    await line.drain(1_000);
  });
});

function stationsOf(): Pick<Stations, 'ledger' | 'parts' | 'challenges'> {
  const unforeseen = () => assert.fail('not foreseen');
  return {
    ledger: {
      accept: async () => ({ kind: 'new' }),
      close: async () => 'recorded',
      overtake: unforeseen,
      openFrames: unforeseen,
      markBoot: unforeseen,
      lastSequences: unforeseen,
    },
    parts: {
      recover: async () => undefined,
      arrive: () => undefined,
      add: () => undefined,
      drain: async () => undefined,
    },
    challenges: {
      mark: (frame) => frame,
      release: () => undefined,
      take: () => undefined,
      lock: () => undefined,
    },
  };
}

/** The verdict that this line gives for an outcome. */
async function verdictOf(outcome: Outcome): Promise<Verdict> {
  const { line, published } = makeLine({ inference: { score: async () => outcome } });
  await line.accept(message());
  await line.drain(1_000);
  const [verdict] = published;
  if (verdict === undefined) throw new Error('expected a verdict');
  return verdict;
}
