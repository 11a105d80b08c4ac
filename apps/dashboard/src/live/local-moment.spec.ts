import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useTimeZone } from '../../../../test/factories/time-zone.js';
import { momentOf } from './local-moment.js';

describe('a time of day as a moment', () => {
  useTimeZone('Europe/Berlin');

  it('is the same from either end of a span on every other day', () => {
    for (const end of ['from', 'until'] as const) {
      assert.equal(momentOf('2026-07-01T14:05', end), '2026-07-01T12:05:00.000Z');
      assert.equal(momentOf('2026-10-25T01:59', end), '2026-10-24T23:59:00.000Z');
      assert.equal(momentOf('2026-10-25T03:00', end), '2026-10-25T02:00:00.000Z');
      assert.equal(momentOf('2026-03-29T03:30', end), '2026-03-29T01:30:00.000Z');
      assert.equal(momentOf('', end), null);
    }
  });

  it('takes in both hours when clocks go back, and none that never was when they go ahead', () => {
    assert.equal(momentOf('2026-10-25T02:10', 'from'), '2026-10-25T00:10:00.000Z');
    assert.equal(momentOf('2026-10-25T02:30', 'until'), '2026-10-25T01:30:00.000Z');
    assert.equal(momentOf('2026-03-29T02:30', 'until'), '2026-03-29T01:30:00.000Z');
  });
});
