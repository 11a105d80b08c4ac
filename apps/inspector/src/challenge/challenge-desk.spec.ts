import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DependencyError, type Frame, type Verdict } from '#contracts';
import { holdClock } from '../../../../test/factories/held-clock.js';
import { makeVerdict } from '../../../../test/factories/live.js';
import { countOf } from '../../../../test/factories/metrics.js';
import { until } from '../../../../test/factories/until.js';
import { Counters } from '../health/counters.js';
import { Holds } from '../state/holds.js';
import { ChallengeDesk, type ChallengeOptions } from './challenge-desk.js';

const HOUR_MS = 3_600_000;

const clock = holdClock();

function makeDesk(
  settings: Readonly<Record<string, string>> = {},
  { everyMs = 2 * HOUR_MS, plan = null }: { everyMs?: number | null; plan?: ChallengeOptions['plan'] } = {},
) {
  const disk = { isFull: false };
  const unwritten: unknown[] = [];
  const kept = new Map(Object.entries(settings));
  const told: string[] = [];
  const holds = new Holds(async () => undefined);
  const counters = new Counters();
  const desk = new ChallengeDesk({
    cameras: ['cam1'],
    isShadow: false,
    plan,
    everyMs,
    ledger: {
      set: async ({ name, value }) => {
        if (disk.isFull) throw new DependencyError('LEDGER_WRITE', 'disk full');
        if (value === null) kept.delete(name);
        else kept.set(name, value);
      },
    },
    holds,
    alarms: { raise: (code) => told.push(`${code} on`), clear: (code) => told.push(`${code} off`) },
    counters,
    onUnwritten: (error) => unwritten.push(error),
  });
  return { desk, holds, kept, told, counters, disk, unwritten };
}

const shown = (partId: string | null): Frame => ({ camera: 'cam1', partId, challenge: false }) as Frame;
const about = (frameId: string) => ({ frameId, by: 'Ada' });
const challenge = (over: Partial<Verdict>): Verdict => makeVerdict({ challenge: true, verdict: 'FAIL', ...over });
const caughtNow = (): Verdict => {
  const now = new Date().toISOString();
  return challenge({ ts: { capture: null, received: now, decided: now } });
};
/** What is published in production of a challenge part that the model would have passed. */
const MISSED: Partial<Verdict> = { verdict: 'INCONCLUSIVE', reason: 'CHALLENGE', score: 0.04 };

describe('a challenge part', () => {
  it('that is rejected for what it shows changes nothing; in the grey zone and unfamiliar count too', async () => {
    const { desk, holds, counters } = makeDesk();
    const caught: Partial<Verdict>[] = [
      {},
      { verdict: 'INCONCLUSIVE', reason: 'GREY_ZONE', score: 0.58 },
      { verdict: 'INCONCLUSIVE', reason: 'UNFAMILIAR', score: 0.04 },
    ];
    for (const verdict of caught.map(challenge)) {
      desk.lock(verdict);
      desk.see(verdict);
    }
    assert.equal(holds.of('cam1'), null);
    assert.equal(await countOf(counters, 'challenges'), 3);
  });

  it('that the model lets through locks the camera, in time or late, until somebody clears it by name', async () => {
    for (const missed of [MISSED, { ...MISSED, reason: 'LATE' as const, late: true }]) {
      const { desk, holds, kept } = makeDesk();
      desk.lock(challenge({ ...missed, frameId: 'c1' }));
      assert.equal(holds.of('cam1')?.reason, 'CHALLENGE');
      assert.match(holds.of('cam1')?.detail ?? '', /passed with score 0\.040/);
      assert.match(
        holds.of('cam1')?.detail ?? '',
        /: lineside command clear-challenge --camera cam1 --frame c1 --by "<your name>"$/,
      );
      const after = makeDesk(Object.fromEntries(kept));
      await after.desk.restore(Object.fromEntries(after.kept));
      assert.equal(after.holds.of('cam1')?.reason, 'CHALLENGE', 'a restart does not clear it');
      assert.deepEqual(after.holds.of('cam1'), holds.of('cam1'));
      assert.match(await after.desk.clear('cam1', about('c1')), /by Ada/);
      assert.deepEqual([after.holds.of('cam1'), [...after.kept.keys()]], [null, []]);
      await assert.rejects(after.desk.clear('cam1', about('c1')), { code: 'NOT_HELD' });
    }
  });

  it('that passes while the lock of an earlier one is taken away keeps the camera off the line', async () => {
    const { desk, holds, kept } = makeDesk();
    desk.lock(challenge({ ...MISSED, frameId: 'first' }));
    const cleared = desk.clear('cam1', about('first'));
    desk.lock(challenge({ ...MISSED, frameId: 'second' }));
    await assert.rejects(cleared, { name: 'RefusedError', code: 'HELD_AGAIN', message: /frame second passed/ });
    assert.match(holds.of('cam1')?.detail ?? '', /frame second/);
    const after = makeDesk();
    await after.desk.restore(Object.fromEntries(kept));
    assert.deepEqual(after.holds.of('cam1'), holds.of('cam1'));
    await desk.clear('cam1', about('second'));
    assert.equal(holds.of('cam1'), null);
  });

  it('that passes after an earlier one was cleared stays locked where that word comes a second time, over a restart too', async () => {
    const { desk, holds, kept } = makeDesk();
    desk.lock(challenge({ ...MISSED, frameId: 'first' }));
    await desk.clear('cam1', about('first'));
    desk.lock(challenge({ ...MISSED, frameId: 'second' }));
    const again = {
      name: 'RefusedError',
      code: 'HELD_AGAIN',
      message: /another one than first passed.*--frame second/,
    };
    await assert.rejects(desk.clear('cam1', about('first')), again);
    assert.equal(holds.of('cam1')?.reason, 'CHALLENGE');
    const after = makeDesk();
    await after.desk.restore(Object.fromEntries(kept));
    await assert.rejects(after.desk.clear('cam1', about('first')), again);
    assert.match(await after.desk.clear('cam1', about('second')), /inspects again/);
  });

  it('that passed while the disk was full is locked over a restart: the lock is written when there is room', async () => {
    const { desk, kept, disk, unwritten } = makeDesk();
    disk.isFull = true;
    desk.lock(challenge({ ...MISSED, frameId: 'c1' }));
    await until(() => unwritten.length > 0, 'word of the lock that is not on the disk');
    await assert.rejects(desk.clear('cam1', about('c1')), { code: 'LEDGER_WRITE' });
    disk.isFull = false;
    await until(() => kept.size > 0, 'the lock on the disk');
    const after = makeDesk();
    await after.desk.restore(Object.fromEntries(kept));
    assert.equal(after.holds.of('cam1')?.reason, 'CHALLENGE');
    await desk.clear('cam1', about('c1'));
    clock.pass(10_000);
    await nextTurn();
    assert.deepEqual([...kept], [], 'it does not come back');
  });

  it('of a ledger without its frame is cleared by any', async () => {
    const { desk, holds, kept } = makeDesk();
    await desk.restore({ 'challenge-lock cam1': 'Challenge part of frame c1 passed.' });
    assert.equal(holds.of('cam1')?.detail, 'Challenge part of frame c1 passed.');
    await desk.clear('cam1', about('c1'));
    assert.deepEqual([holds.of('cam1'), kept.size], [null, 0]);
  });

  it('is named in the command to be copied as one word, whatever its camera calls it', () => {
    const { desk, holds } = makeDesk();
    desk.lock(challenge({ ...MISSED, frameId: `it's $(a) "name"` }));
    assert.match(holds.of('cam1')?.detail ?? '', / --frame 'it'\\''s \$\(a\) "name"' --by /);
  });

  it('that nobody missed is nothing to clear, where the camera is held for a change-over alone', async () => {
    const { desk, holds } = makeDesk();
    await holds.set('cam1', 'CHANGEOVER', 'another recipe');
    await assert.rejects(desk.clear('cam1', about('c1')), { code: 'NOT_HELD' });
    desk.lock(challenge({ ...MISSED, frameId: 'c1' }));
    await desk.clear('cam1', about('c1'));
    assert.equal(holds.of('cam1')?.reason, 'CHANGEOVER');
  });

  it('that nobody looked at, and an ordinary part, prove nothing', () => {
    const { desk, holds } = makeDesk();
    const unseen = { score: null, threshold: null, greyZone: null };
    desk.lock(challenge({ verdict: 'INCONCLUSIVE', reason: 'IMAGE_BLUR', ...unseen }));
    desk.lock(makeVerdict({ ...MISSED, reason: 'LATE', challenge: false }));
    assert.equal(holds.of('cam1'), null);
  });

  it('can be announced: so many frames of that camera, once each', async () => {
    const { desk } = makeDesk();
    const frame = shown(null);
    await desk.announce('cam1', 2);
    assert.equal(desk.mark({ ...frame, camera: 'cam2' }).challenge, false);
    const seen = [1, 2, 3].map(() => {
      const marked = desk.mark(frame);
      if (marked.challenge) desk.take(marked);
      desk.release(marked);
      return marked.challenge;
    });
    assert.deepEqual(seen, [true, true, false]);
  });

  it('that was announced is one frame, also where the next one comes before the ledger has it', async () => {
    const { desk } = makeDesk();
    const frame = shown(null);
    await desk.announce('cam1', 1);
    const first = desk.mark(frame);
    assert.deepEqual([first.challenge, desk.mark(frame).challenge], [true, false]);
    desk.release(first);
    const second = desk.mark(frame);
    assert.equal(second.challenge, true, 'the first was a frame that had come before');
    desk.take(frame);
    desk.release(second);
    assert.equal(desk.mark(frame).challenge, false);
  });

  it('that was announced is still one after a restart, until it came or its time is over', async () => {
    const frame = shown(null);
    const restarted = async (settings: ReadonlyMap<string, string>) => {
      const next = makeDesk(Object.fromEntries(settings));
      await next.desk.restore(Object.fromEntries(settings));
      return next;
    };
    const { desk, kept } = makeDesk();
    await desk.announce('cam1', 2);
    desk.take(frame);
    const second = await restarted(kept);
    assert.equal(second.desk.mark(frame).challenge, true);
    second.desk.take(frame);
    assert.equal((await restarted(second.kept)).desk.mark(frame).challenge, false);
    const over = JSON.stringify({ parts: 1, untilMs: Date.now() - 1 });
    assert.equal((await restarted(new Map([['challenge-announced cam1', over]]))).desk.mark(frame).challenge, false);
  });

  it('that was announced is one part with all of its pictures, over a restart too, and no picture of the next one', async () => {
    const { desk, kept } = makeDesk();
    const give = (to: ChallengeDesk, partId: string | null): boolean => {
      const marked = to.mark(shown(partId));
      if (marked.challenge) to.take(marked);
      to.release(marked);
      return marked.challenge;
    };
    await desk.announce('cam1', 2);
    const inFlight = [desk.mark(shown('p1')), desk.mark(shown('p1')), desk.mark(shown('p2')), desk.mark(shown('p3'))];
    assert.deepEqual(
      inFlight.map(({ challenge }) => challenge),
      [true, true, true, false],
      'before the ledger has any of them',
    );
    for (const frame of inFlight) desk.release(frame);
    assert.deepEqual(
      ['p1', 'p1', 'p2', 'p3', null, 'p1', 'p2'].map((partId) => give(desk, partId)),
      [true, true, true, false, false, true, true],
    );
    const after = makeDesk();
    await after.desk.restore(Object.fromEntries(kept));
    assert.deepEqual([give(after.desk, 'p2'), give(after.desk, 'p3')], [true, false]);
    clock.pass(30_000);
    await after.desk.announce('cam1', 1);
    assert.deepEqual(
      ['p2', 'p4', 'p5'].map((partId) => give(after.desk, partId)),
      [true, true, false],
    );
    clock.pass(60_001);
    assert.deepEqual([give(after.desk, 'p4'), give(desk, 'p1')], [false, false]);
  });

  it('is reminded of when none was caught for too long, counted on over a restart', async () => {
    const { desk, told, kept } = makeDesk();
    desk.look();
    desk.see(caughtNow());
    clock.pass(HOUR_MS);
    desk.look();
    const after = makeDesk();
    await after.desk.restore(Object.fromEntries(kept));
    after.desk.look();
    clock.pass(2 * HOUR_MS);
    desk.look();
    after.desk.look();
    assert.deepEqual(told, ['CHALLENGE_DUE on', 'CHALLENGE_DUE off', 'CHALLENGE_DUE on']);
    assert.deepEqual(after.told, ['CHALLENGE_DUE off', 'CHALLENGE_DUE on']);
  });

  it('is reminded of all the same where the clock was a year ahead when one was caught, and was set right', async () => {
    const { desk, told, kept } = makeDesk();
    desk.see(caughtNow());
    clock.setBack(365 * 24 * HOUR_MS);
    desk.look();
    clock.pass(3 * HOUR_MS);
    desk.look();
    assert.deepEqual(told, ['CHALLENGE_DUE off', 'CHALLENGE_DUE on']);
    const after = makeDesk();
    await after.desk.restore(Object.fromEntries(kept));
    after.desk.look();
    assert.deepEqual(after.told, ['CHALLENGE_DUE on']);
  });

  it('is reminded of nowhere where nobody asked for it', () => {
    const { desk, told } = makeDesk({}, { everyMs: null });
    desk.look();
    assert.deepEqual(told, []);
  });

  it('is still looked at by a locked camera, while every other part is refused as CHALLENGE', async () => {
    const { desk, holds } = makeDesk();
    desk.lock(challenge(MISSED));
    assert.equal(holds.refuse({ camera: 'cam1', challenge: false })?.reason, 'CHALLENGE');
    assert.equal(holds.refuse({ camera: 'cam1', challenge: true }), null);
    assert.equal(holds.refuse({ camera: 'cam2', challenge: false }), null);
    await holds.set('cam1', 'CHANGEOVER', 'another recipe');
    assert.equal(holds.refuse({ camera: 'cam1', challenge: true })?.reason, 'NO_RECIPE', 'nothing in a change-over');
  });
});

describe('a challenge part of which its camera takes several views', () => {
  const VIEWS = [
    { view: 'top', camera: 'cam1' },
    { view: 'side', camera: 'cam1' },
    { view: 'back', camera: 'cam2' },
  ];
  const PLAN = { views: VIEWS, windowMs: 1_000 };
  const view = (name: string, over: Partial<Verdict>): Verdict =>
    challenge({ frameId: name, partId: 'rabbit', view: name, deadlineMs: 500, ...over });
  const VOID: Partial<Verdict> = { verdict: 'INCONCLUSIVE', score: null, threshold: null, greyZone: null };

  it('is caught where one view shows the defect: the others are right to pass, whichever comes first', () => {
    for (const order of [
      ['top', 'side', 'side'],
      ['side', 'top', 'side'],
    ]) {
      const { desk, holds } = makeDesk({}, { plan: PLAN });
      for (const name of order) desk.lock(view(name, name === 'top' ? {} : MISSED));
      clock.pass(10_000);
      assert.equal(holds.of('cam1'), null);
    }
  });

  it('is missed where no view catches it, as soon as all of them have their verdict', () => {
    for (const other of [MISSED, VOID]) {
      const { desk, holds } = makeDesk({}, { plan: PLAN });
      desk.lock(view('side', MISSED));
      desk.lock(view('top', { ...MISSED, partId: 'other' }));
      assert.equal(holds.of('cam1'), null);
      desk.lock(view('top', other));
      assert.match(holds.of('cam1')?.detail ?? '', other === VOID ? /frame side passed/ : /frame top passed/);
    }
  });

  it('is missed where the only view that came passed it, when the window of the part and of that view are over', () => {
    const { desk, holds } = makeDesk({}, { plan: PLAN });
    desk.lock(view('side', MISSED));
    clock.pass(1_499);
    assert.equal(holds.of('cam1'), null);
    clock.pass(1);
    assert.match(holds.of('cam1')?.detail ?? '', /frame side passed/);
  });

  it('is looked at anew when it is fed again', () => {
    const { desk, holds } = makeDesk({}, { plan: PLAN });
    desk.lock(view('top', {}));
    clock.pass(10_000);
    desk.lock(view('side', MISSED));
    desk.lock(view('top', MISSED));
    assert.equal(holds.of('cam1')?.reason, 'CHALLENGE', 'that it was caught then proves nothing now');
  });

  it('locks a camera with one view of it, and one whose frame names no view, with the first picture that passes', () => {
    for (const missed of [view('back', { ...MISSED, camera: 'cam2' }), view('', { ...MISSED, view: null })]) {
      const { desk, holds } = makeDesk({}, { plan: PLAN });
      desk.lock(missed);
      assert.equal(holds.of(missed.camera)?.reason, 'CHALLENGE');
    }
  });

  it('is no load on memory, however many a camera begins: the oldest is settled', () => {
    const { desk, holds } = makeDesk({}, { plan: PLAN });
    for (let i = 0; i < 1_000; i += 1) desk.lock(view('top', { ...MISSED, partId: `p${i}`, frameId: `f${i}` }));
    assert.equal(holds.of('cam1'), null);
    desk.lock(view('top', { partId: 'one-more' }));
    assert.match(holds.of('cam1')?.detail ?? '', /frame f0 passed/);
  });
});
