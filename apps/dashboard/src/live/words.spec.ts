import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, makePartVerdict, makePartWithoutTop, makeVerdict } from '../../../../test/factories/live.js';
import { useTimeZone } from '../../../../test/factories/time-zone.js';
import {
  dayOf,
  explainPart,
  explainVerdict,
  explainWindow,
  formatAge,
  formatAgo,
  formatShare,
  formatWhen,
  formatZone,
  sayPlaces,
} from './words.js';

describe('figures in words', () => {
  it('never round a share up to all or down to none', () => {
    const cases: [number | null, string][] = [
      [null, '–'],
      [0, '0 %'],
      [1, '100 %'],
      [0.9999, '99.9 %'],
      [0.00001, '< 0.01 %'],
      [0.0476, '4.76 %'],
      [0.952, '95.2 %'],
    ];
    for (const [share, words] of cases) assert.equal(formatShare(share), words);
  });

  it('give ages in the unit one thinks in', () => {
    const cases: [number | null, string][] = [
      [null, '–'],
      [400, '0.4 s'],
      [9_960, '10 s'],
      [119_000, '119 s'],
      [180_000, '3 min'],
      [7_300_000, '2 h'],
    ];
    for (const [ms, words] of cases) assert.equal(formatAge(ms), words);
  });
});

describe('a moment in words', () => {
  it('has its day where that is not today', () => {
    const local = '2026-11-30T07:48:29';
    assert.equal(formatWhen(local, dayOf('2026-11-30T23:59:59')), '07:48:29');
    assert.equal(formatWhen(local, dayOf('2026-12-01T00:00:00')), '30 Nov 07:48:29');
    assert.equal(formatWhen(local, dayOf('2027-11-30T07:48:29')), '30 Nov 07:48:29');
    assert.equal(formatWhen(local, null), '30 Nov 07:48:29');
  });
});

describe('the zone of the times', () => {
  useTimeZone('Europe/Berlin');

  it('is called as people there call it, in summer and in winter', () => {
    assert.deepEqual(['2026-07-01T12:00Z', '2026-12-01T12:00Z'].map(formatZone), ['CEST', 'CET']);
  });
});

describe('the places of an alarm in words', () => {
  it('are every camera by name, but all of many at once, and none for the whole inspector', () => {
    const many = ['cam1', 'cam2', 'cam3', 'cam4', 'cam5'];
    assert.equal(sayPlaces(['cam1', 'cam2'], 2), 'cam1, cam2');
    assert.equal(sayPlaces(many, 5), 'All 5 cameras');
    assert.equal(sayPlaces(many, 6), 'cam1, cam2, cam3, cam4, cam5');
    assert.equal(sayPlaces([null], 6), '');
  });
});

describe('a verdict in words', () => {
  it('names the defect where one was found, and why nothing was decided where none was', () => {
    const ofPart = { challenge: false, score: null };
    const cases: [Parameters<typeof explainVerdict>[0], string][] = [
      [{ ...ofPart, verdict: 'FAIL', reason: 'MODEL', defectClass: 'missing_termination' }, 'missing termination'],
      [{ ...ofPart, verdict: 'FAIL', reason: 'MODEL', defectClass: null }, 'Decided by the model'],
      [
        { ...ofPart, verdict: 'INCONCLUSIVE', reason: 'UNFAMILIAR', defectClass: 'crack' },
        'Unlike anything trained on',
      ],
      [{ ...ofPart, verdict: 'INCONCLUSIVE', reason: 'CHALLENGE', defectClass: null }, 'Camera locked'],
      [{ ...ofPart, verdict: 'INCONCLUSIVE', reason: 'CHALLENGE', defectClass: null, score: 0.1 }, 'Simulated part'],
      [
        { ...ofPart, verdict: 'INCONCLUSIVE', reason: 'CHALLENGE', defectClass: null, challenge: true },
        'Challenge part',
      ],
    ];
    for (const [verdict, words] of cases) assert.equal(explainVerdict(verdict), words);
  });

  it('says that something never was, instead of an age', () => {
    assert.equal(formatAgo(null), 'never');
    assert.equal(formatAgo(3_000), '3.0 s ago');
  });
});

describe('a rejected part in words', () => {
  it('names the views that it lacks, and else says what its worst view does', () => {
    const half = makePartWithoutTop();
    const none = half.views.map((view) => ({ ...view, verdict: null }));
    assert.equal(explainPart(half), 'View top missing');
    assert.equal(explainPart({ ...half, views: none }), 'Views top, side missing');
    assert.equal(
      explainPart(makePartVerdict({ verdict: 'FAIL', defectClass: 'missing_termination' })),
      'missing termination',
    );
    assert.equal(explainPart(makePartVerdict({ verdict: 'INCONCLUSIVE', reason: 'IMAGE_BLUR' })), 'Out of focus');
  });
});

describe('the window of a frame in words', () => {
  const late = { late: true, seq: 7, validUntil: at(-60_000), clockSync: 'none' } as const;
  const cases: [string, Parameters<typeof makeVerdict>[0], string][] = [
    ['in time', {}, '500 ms, took 16 ms'],
    ['decided too late', { late: true }, '500 ms, took 16 ms, late'],
    [
      'a number that its camera had passed',
      late,
      '500 ms, took 16 ms, late: over 60 s before the frame arrived, as its camera had counted past seq 7 by then',
    ],
    [
      'a capture time long ago',
      { ...late, clockSync: 'ok' },
      '500 ms, took 16 ms, late: over 60 s before the frame arrived',
    ],
    ['delivered again', { ...late, validUntil: at(0) }, '500 ms, took 16 ms, late: over when the frame arrived'],
  ];
  for (const [name, verdict, words] of cases) {
    it(`says why no time was left, if none was: ${name}`, () =>
      assert.equal(explainWindow(makeVerdict(verdict)), words));
  }
});
