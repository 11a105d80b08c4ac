import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MinuteBucket } from '#contracts';
import { at, START_MS, VIEWS } from '../../../../test/factories/live.js';
import { challengesOf, countedOf, sumFigures, trendColumns } from './figures.js';

const MINUTE_MS = 60_000;

function makeBucket(minute: number, overrides: Partial<MinuteBucket> = {}): MinuteBucket {
  return {
    minute: at(minute * MINUTE_MS),
    camera: 'cam1',
    origin: 'line',
    pass: 90,
    fail: 8,
    inconclusive: 2,
    first: 96,
    firstPass: 90,
    ...overrides,
  };
}

const options = {
  counted: 'frames' as const,
  camera: null,
  origin: 'line' as const,
  minutes: 30,
  nowMs: START_MS + 5 * MINUTE_MS,
};

describe('figures', () => {
  it('take rejects over inspected, and first-pass yield over first inspections alone', () => {
    const figures = sumFigures([makeBucket(0), makeBucket(1)]);
    assert.equal(figures.inspected, 200);
    assert.equal(figures.rejectRate, 20 / 200);
    assert.equal(figures.firstPassYield, 180 / 192);
  });

  it('have no rate without a denominator', () => {
    const { rejectRate, firstPassYield } = sumFigures([]);
    assert.deepEqual([rejectRate, firstPassYield], [null, null]);
  });
});

describe('what is counted', () => {
  it('is parts where they have several views, and of one camera its views', () => {
    const parts = { views: [...VIEWS] };
    assert.deepEqual([countedOf(parts, null), countedOf(parts, 'cam1')], ['parts', 'views']);
    assert.equal(countedOf(parts, 'cam3'), 'strays', 'a camera beside the parts');
    assert.deepEqual([countedOf(null, null), countedOf(null, 'cam1')], ['frames', 'frames']);
  });
});

describe('challenge parts', () => {
  it('are added up over the cameras', () => {
    const cameras = [
      { caught: 3, missed: 0, void: 1 },
      { caught: 2, missed: 1, void: 0 },
    ];
    assert.deepEqual(challengesOf(cameras.map((challenges) => ({ challenges }))), { caught: 5, missed: 1, void: 1 });
  });
});

describe('figures per minute', () => {
  it('have a row for every minute from the first with data, null where nothing was inspected', () => {
    const { seconds, rejectRate, inspected } = trendColumns([makeBucket(1), makeBucket(3)], options);
    assert.deepEqual(
      seconds,
      [1, 2, 3, 4].map((minute) => (START_MS + minute * MINUTE_MS) / 1_000),
    );
    assert.deepEqual(rejectRate, [0.1, null, 0.1, null]);
    assert.deepEqual(inspected, [100, 0, 100, 0]);
  });

  it('add cameras up, and keep other cameras and streams out', () => {
    const buckets = [
      makeBucket(4),
      makeBucket(4, { camera: 'cam2', fail: 28, pass: 70 }),
      makeBucket(4, { origin: 'simulated', fail: 98, pass: 0 }),
    ];
    assert.equal(trendColumns(buckets, options).rejectRate[0], 0.2);
    assert.equal(trendColumns(buckets, { ...options, camera: 'cam2' }).rejectRate[0], 0.3);
    assert.equal(trendColumns(buckets, { ...options, origin: 'simulated' }).rejectRate[0], 1);
  });

  it('of parts are theirs alone, and of frames never theirs', () => {
    const buckets = [makeBucket(4), makeBucket(4, { camera: null, fail: 28, pass: 70 })];
    assert.equal(trendColumns(buckets, { ...options, counted: 'parts' }).rejectRate[0], 0.3);
    assert.equal(trendColumns(buckets, options).rejectRate[0], 0.1);
    assert.equal(trendColumns(buckets, { ...options, counted: 'views', camera: 'cam1' }).rejectRate[0], 0.1);
  });

  it('leave the running minute out as soon as there is a finished one', () => {
    assert.deepEqual(trendColumns([makeBucket(5)], options).inspected, [100]);
    assert.deepEqual(trendColumns([makeBucket(4), makeBucket(5, { pass: 1 })], options).inspected, [100]);
  });

  it('have control limits three sigma from the mean by their own n', () => {
    const { lowerLimit, upperLimit, mean } = trendColumns(
      [makeBucket(3), makeBucket(4, { pass: 360, fail: 32, inconclusive: 8 })],
      options,
    );
    assert.equal(mean, 0.1);
    const [small, large] = upperLimit;
    assert.ok(Math.abs((small ?? 0) - (0.1 + 3 * Math.sqrt(0.09 / 100))) < 1e-12);
    assert.ok(Math.abs((large ?? 0) - (0.1 + 3 * Math.sqrt(0.09 / 400))) < 1e-12);
    assert.ok(Math.abs((lowerLimit[0] ?? 0) - 0.01) < 1e-12);
  });

  it('judge a minute alike, however many are drawn', () => {
    const buckets = [0, 1, 2, 3]
      .map((minute) => makeBucket(minute))
      .concat(makeBucket(4, { pass: 100, fail: 0, inconclusive: 0 }));
    const [all, last] = [30, 2].map((minutes) => trendColumns(buckets, { ...options, minutes }));
    assert.equal(last?.seconds.length, 2);
    assert.equal(last?.mean, 0.08);
    assert.deepEqual(last?.upperLimit, all?.upperLimit.slice(-2));
    assert.deepEqual(last?.lowerLimit, all?.lowerLimit.slice(-2));
  });

  it('clip their limits to shares', () => {
    const { lowerLimit, upperLimit } = trendColumns([makeBucket(4, { pass: 1, fail: 1, inconclusive: 0 })], options);
    assert.deepEqual([lowerLimit[0], upperLimit[0]], [0, 1]);
  });

  it('are one empty row before the first verdict', () => {
    const columns = trendColumns([], options);
    assert.equal(columns.seconds.length, 1);
    assert.equal(columns.mean, null);
  });
});
