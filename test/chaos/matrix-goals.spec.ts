import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Row } from './fault.js';
import { assertGoals } from './matrix.js';

const ROW: Row = {
  fault: 'nothing breaks',
  note: null,
  broken: null,
  sent: 10,
  delivered: 10,
  pass: 8,
  fail: 1,
  inconclusive: 1,
  lost: 0,
  doubled: 0,
  falsePass: 0,
  missed: 1,
  unexplained: 0,
  problems: [],
  blows: 0,
  detect: null,
  recoverMs: null,
};

describe('a row of the matrix', () => {
  it('holds when nothing was lost, doubled, falsely passed or left unexplained', () => {
    assertGoals(ROW, { staysDown: false });
  });

  const misses = [{ lost: 1 }, { doubled: 1 }, { falsePass: 1 }, { unexplained: 1 }, { pass: 0 }, { sent: 0 }];
  for (const miss of [...misses, { broken: 'it grew' }]) {
    it(`fails with ${JSON.stringify(miss)}`, () => {
      assert.throws(() => assertGoals({ ...ROW, ...miss }, { staysDown: false }), assert.AssertionError);
    });
  }

  it('of a line that must stay down has no PASS', () => {
    assertGoals({ ...ROW, pass: 0 }, { staysDown: true });
    assert.throws(() => assertGoals(ROW, { staysDown: true }), assert.AssertionError);
  });
});
