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
import { ChallengeDesk } from './challenge-desk.js';

const HOUR_MS = 3_600_000;

const clock = holdClock();

function makeDesk(settings: Readonly<Record<string, string>> = {}, everyMs: number | null = 2 * HOUR_MS) {
  const disk = { isFull: false };
  const unwritten: unknown[] = [];
  const kept = new Map(Object.entries(settings));
  const told: string[] = [];
  const holds = new Holds(async () => undefined);
  const counters = new Counters();
  const desk = new ChallengeDesk({
    cameras: ['cam1'],
    isShadow: false,
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
    const frame = { camera: 'cam1', challenge: false } as Frame;
    await desk.announce('cam1', 2);
    assert.equal(desk.mark({ ...frame, camera: 'cam2' }).challenge, false);
    const seen = [1, 2, 3].map(() => {
      const marked = desk.mark(frame);
      if (marked.challenge) desk.take('cam1');
      desk.release(marked);
      return marked.challenge;
    });
    assert.deepEqual(seen, [true, true, false]);
  });

  it('that was announced is one frame, also where the next one comes before the ledger has it', async () => {
    const { desk } = makeDesk();
    const frame = { camera: 'cam1', challenge: false } as Frame;
    await desk.announce('cam1', 1);
    const first = desk.mark(frame);
    assert.deepEqual([first.challenge, desk.mark(frame).challenge], [true, false]);
    desk.release(first);
    const second = desk.mark(frame);
    assert.equal(second.challenge, true, 'the first was a frame that had come before');
    desk.take('cam1');
    desk.release(second);
    assert.equal(desk.mark(frame).challenge, false);
  });

  it('that was announced is still one after a restart, until it came or its time is over', async () => {
    const frame = { camera: 'cam1', challenge: false } as Frame;
    const restarted = async (settings: ReadonlyMap<string, string>) => {
      const next = makeDesk(Object.fromEntries(settings));
      await next.desk.restore(Object.fromEntries(settings));
      return next;
    };
    const { desk, kept } = makeDesk();
    await desk.announce('cam1', 2);
    desk.take('cam1');
    const second = await restarted(kept);
    assert.equal(second.desk.mark(frame).challenge, true);
    second.desk.take('cam1');
    assert.equal((await restarted(second.kept)).desk.mark(frame).challenge, false);
    const over = JSON.stringify({ parts: 1, untilMs: Date.now() - 1 });
    assert.equal((await restarted(new Map([['challenge-announced cam1', over]]))).desk.mark(frame).challenge, false);
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
    const { desk, told } = makeDesk({}, null);
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
