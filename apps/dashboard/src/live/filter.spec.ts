import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeVerdict } from '../../../../test/factories/live.js';
import { listVerdicts, readFilter, writeFilter } from './filter.js';

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
    assert.deepEqual(listVerdicts(lists, { camera: null, verdict: 'REJECT' }), [grey, fail]);
    assert.deepEqual(listVerdicts(lists, { camera: null, verdict: 'ALL' }), [grey, fail, pass]);
    assert.deepEqual(listVerdicts(lists, { camera: 'cam2', verdict: 'ALL' }), [grey]);
    assert.deepEqual(listVerdicts(lists, { camera: null, verdict: 'FAIL' }), [fail]);
  });
});
