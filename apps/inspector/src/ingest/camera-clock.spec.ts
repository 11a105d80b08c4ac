import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CameraClock, type Moment } from './camera-clock.js';

const T0 = Date.parse('2026-01-02T03:04:05.000Z');
const iso = (ms: number): string => new Date(T0 + ms).toISOString();
const RULES = { isSynchronised: true, toleranceMs: 250, transportAllowanceMs: 50 };

function moment(over: Partial<Moment> & { receivedMs: number; captureMs?: number }): Moment {
  const { receivedMs, captureMs, ...rest } = over;
  return {
    cameraBootId: 'b1',
    seq: null,
    captureTs: captureMs === undefined ? null : iso(captureMs),
    receivedTs: iso(receivedMs),
    isStale: false,
    ...rest,
  };
}

describe('the window of a frame', () => {
  const cases: { name: string; rules?: Partial<typeof RULES>; at: Moment; startMs: number; clockSync: string }[] = [
    {
      name: 'starts at capture where the clock is believed',
      at: moment({ receivedMs: 100, captureMs: 30 }),
      startMs: 30,
      clockSync: 'ok',
    },
    {
      name: 'never starts after arrival',
      at: moment({ receivedMs: 100, captureMs: 180 }),
      startMs: 100,
      clockSync: 'ok',
    },
    {
      name: 'starts at arrival less transport without a synchronised clock',
      rules: { isSynchronised: false },
      at: moment({ receivedMs: 100, captureMs: 30 }),
      startMs: 50,
      clockSync: 'none',
    },
    {
      name: 'starts at arrival less transport where the clock is too far off',
      at: moment({ receivedMs: 100, captureMs: -5_000 }),
      startMs: 50,
      clockSync: 'off',
    },
    {
      name: 'starts at arrival less transport where no capture time is said',
      at: moment({ receivedMs: 100 }),
      startMs: 50,
      clockSync: 'off',
    },
  ];
  for (const { name, rules, at, startMs, clockSync } of cases) {
    it(name, () => {
      const read = new CameraClock({ ...RULES, ...rules }).read(at);
      assert.deepEqual({ startMs: read.startMs - T0, clockSync: read.clockSync }, { startMs, clockSync });
    });
  }

  it('believes a clock by its quickest frames: a delayed one is old, not the clock wrong', () => {
    const clock = new CameraClock(RULES);
    clock.read(moment({ receivedMs: 20, captureMs: 0 }));
    const delayed = clock.read(moment({ receivedMs: 3_000, captureMs: 100 }));
    assert.deepEqual([delayed.startMs - T0, delayed.clockSync], [100, 'ok']);
  });

  it('is no fresher than that of a later frame: a sequence that runs backwards gains nothing', () => {
    const clock = new CameraClock({ ...RULES, isSynchronised: false });
    const newer = clock.read(moment({ receivedMs: 100, seq: 8 }));
    const older = clock.read(moment({ receivedMs: 900, seq: 7 }));
    assert.equal(older.startMs, newer.startMs);
  });
});

describe('gaps in the sequence', () => {
  const missingOf = (clock: CameraClock, seq: number, cameraBootId = 'b1') =>
    clock.read(moment({ receivedMs: 0, seq, cameraBootId })).missing;

  it('are the numbers between two frames of one boot', () => {
    const clock = new CameraClock(RULES);
    assert.deepEqual(
      [5, 6, 9, 7, 10].map((seq) => missingOf(clock, seq)),
      [null, null, [7, 8], null, null],
    );
  });

  it('hold a frame that was read and could not be accepted, and whatever was missing before it', () => {
    const clock = new CameraClock(RULES);
    missingOf(clock, 5);
    assert.deepEqual(missingOf(clock, 8), [6, 7]);
    clock.takeBack({ seq: 8 });
    assert.deepEqual(missingOf(clock, 9), [6, 8]);
    clock.takeBack({ seq: 9 });
    assert.deepEqual(missingOf(clock, 9), [6, 8], 'it came again');
    clock.takeBack({ seq: 5 });
    assert.equal(missingOf(clock, 10), null, 'an older one changes nothing');
  });

  it('do not reach across a restart of the camera', () => {
    const clock = new CameraClock(RULES);
    missingOf(clock, 500);
    assert.equal(missingOf(clock, 3, 'b2'), null);
  });

  it('are seen across a restart of the inspector', () => {
    const clock = new CameraClock(RULES);
    clock.restore({ cameraBootId: 'b1', seq: 41 });
    assert.deepEqual(missingOf(clock, 44), [42, 43]);
  });
});

describe('a camera that counts anew', () => {
  const count = (clock: CameraClock, seqs: readonly number[], over: Partial<Moment> = {}): void => {
    for (const seq of seqs) clock.read(moment({ receivedMs: 0, seq, ...over }));
  };
  const from = (first: number, length: number): number[] => Array.from({ length }, (_, i) => first + i);

  it('under the same bootId is set back, until it has passed its old count', () => {
    const clock = new CameraClock(RULES);
    count(clock, [900, ...from(1, 19)]);
    assert.equal(clock.setBackFrom, null, 'disorder could be that long');
    count(clock, [20]);
    assert.equal(clock.setBackFrom, 900);
    count(clock, [901]);
    assert.equal(clock.setBackFrom, null);
  });

  it('under another bootId is not, nor is one whose frames overtake each other', () => {
    const clock = new CameraClock(RULES);
    count(clock, [900]);
    count(clock, from(1, 40), { cameraBootId: 'b2' });
    for (let block = 0; block < 5; block++)
      count(clock, from(50 + 10 * block, 10).toReversed(), { cameraBootId: 'b2' });
    assert.equal(clock.setBackFrom, null);
  });

  it('is no camera whose frames the broker sends again after a connection broke, as many as there may be', () => {
    const clock = new CameraClock(RULES);
    count(clock, from(1, 40));
    count(clock, from(1, 40), { isStale: true });
    assert.equal(clock.setBackFrom, null);
  });

  it('is seen across a restart of the inspector', () => {
    const clock = new CameraClock(RULES);
    clock.restore({ cameraBootId: 'b1', seq: 900 });
    count(clock, from(1, 20));
    assert.equal(clock.setBackFrom, 900);
  });
});
