import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveCamera, Origin } from '#contracts';
import { makeVerdict } from '../../../../test/factories/live.js';
import { listRecords, originsSeen, ownOrigin, pastQuery, readFilter, writeFilter } from './filter.js';

describe('the filter', () => {
  it('comes back from the address as it went in', () => {
    for (const filter of [
      { camera: null, verdict: 'REJECT' as const },
      { camera: 'cam2', verdict: 'PASS' as const },
    ]) {
      assert.deepEqual(readFilter(writeFilter(filter)), filter);
    }
    assert.equal(writeFilter({ camera: null, verdict: 'REJECT' }), '');
  });

  it('shows rejects when the address says nothing, or nonsense', () => {
    assert.deepEqual(readFilter('?verdict=GREEN'), { camera: null, verdict: 'REJECT' });
  });

  it('lists matching verdicts, newest first', () => {
    const pass = makeVerdict();
    const fail = makeVerdict({ verdict: 'FAIL' });
    const grey = makeVerdict({ verdict: 'INCONCLUSIVE', camera: 'cam2' });
    const lists = { recent: [pass, fail, grey], rejects: [fail, grey] };
    assert.deepEqual(listRecords(lists, { camera: null, verdict: 'REJECT' }), [grey, fail]);
    assert.deepEqual(listRecords(lists, { camera: null, verdict: 'ALL' }), [grey, fail, pass]);
    assert.deepEqual(listRecords(lists, { camera: 'cam2', verdict: 'ALL' }), [grey]);
    assert.deepEqual(listRecords(lists, { camera: null, verdict: 'FAIL' }), [fail]);
  });
});

describe('the question for past verdicts', () => {
  it('is the filter, and of one part or lot every verdict', () => {
    assert.equal(pastQuery({ camera: null, verdict: 'REJECT' }, null), 'verdict=REJECT');
    assert.equal(pastQuery({ camera: 'cam1', verdict: 'ALL' }, null), 'camera=cam1');
    assert.equal(pastQuery({ camera: null, verdict: 'FAIL' }, { by: 'partId', text: 'SN 1' }), 'partId=SN+1');
  });

  it('is of a time what the filter lists', () => {
    const [from, until] = ['2026-03-01T08:00:00.000Z', '2026-03-01T08:30:00.000Z'];
    const query = pastQuery({ camera: null, verdict: 'FAIL' }, { by: 'time', from, until });
    assert.deepEqual(Object.fromEntries(new URLSearchParams(query)), { verdict: 'FAIL', from, before: until });
    assert.equal(pastQuery({ camera: null, verdict: 'ALL' }, { by: 'time', from: null, until: null }), '');
  });
});

describe('the stream the page counts', () => {
  const none = { pass: 0, fail: 0, inconclusive: 0, first: 0, firstPass: 0 };
  const some = { ...none, pass: 3 };
  const seen = (...origins: Origin[]): Pick<LiveCamera, 'tallies'>[] => [
    {
      tallies: { line: none, simulated: none, challenge: none, ...Object.fromEntries(origins.map((of) => [of, some])) },
    },
  ];
  const cases: [string, Parameters<typeof ownOrigin>[0], Origin | null, Origin[]][] = [
    ['is production', { simulated: false, shadow: false, cameras: seen() }, 'line', ['line']],
    [
      'stays production where somebody sends simulated frames',
      { simulated: false, shadow: false, cameras: seen('simulated') },
      'line',
      ['line', 'simulated'],
    ],
    [
      'is simulated on a simulated line',
      { simulated: true, shadow: false, cameras: seen() },
      'simulated',
      ['simulated'],
    ],
    [
      'is simulated for a shadow beside a simulated line',
      { simulated: false, shadow: true, cameras: seen('simulated', 'challenge') },
      'simulated',
      ['simulated', 'challenge'],
    ],
    ['is not known to a shadow before its first part', { simulated: false, shadow: true, cameras: seen() }, null, []],
    [
      'is production for a shadow that has seen a part of the line',
      { simulated: false, shadow: true, cameras: seen('line', 'simulated') },
      'line',
      ['line', 'simulated'],
    ],
  ];
  for (const [name, streams, own, all] of cases) {
    it(name, () => {
      assert.equal(ownOrigin(streams), own);
      assert.deepEqual(originsSeen(streams), all);
    });
  }
});
