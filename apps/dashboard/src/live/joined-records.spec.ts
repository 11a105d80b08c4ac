import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Verdict } from '#contracts';
import { makeVerdict } from '../../../../test/factories/live.js';
import { joinRecords, MOST_RECORDS, type ShownRecords } from './joined-records.js';
import { FRAMES } from './kinds.js';

/** Newest first. */
const parts = (...numbers: number[]) => numbers.map((n) => makeVerdict({ frameId: `f${n}` }));
const join = (live: readonly Verdict[], before: ShownRecords<Verdict>) => joinRecords(live, before, FRAMES.idOf);
const idsOf = (verdicts: readonly { frameId: string }[]) => verdicts.map(({ frameId }) => frameId).join(' ');

describe('parts listed further back than the live window', () => {
  it('keep those that leave the window', () => {
    const before = { live: parts(5, 4, 3), all: parts(5, 4, 3, 2, 1) };
    assert.equal(idsOf(join(parts(6, 5, 4), before)), 'f6 f5 f4 f3 f2 f1');
    assert.equal(idsOf(join(parts(6), { live: [], all: parts(2, 1) })), 'f6 f2 f1', 'the first in a long time');
  });

  it('are the same list while nothing new comes', () => {
    const before = { live: parts(3, 2), all: parts(3, 2, 1) };
    assert.equal(join(parts(3, 2), before), before.all);
    assert.equal(join([], before), before.all);
  });

  it('begin anew where parts came and went unseen', () => {
    assert.equal(idsOf(join(parts(90, 89), { live: parts(3), all: parts(3, 2, 1) })), 'f90 f89');
  });

  it('are bounded', () => {
    const all = parts(...Array.from({ length: MOST_RECORDS }, (_, n) => MOST_RECORDS - n));
    const joined = join(parts(MOST_RECORDS + 1, MOST_RECORDS), { live: all.slice(0, 1), all });
    assert.deepEqual([joined.length, joined.at(-1)?.frameId], [MOST_RECORDS, 'f2']);
  });
});
