import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReplayReport } from '#contracts';
import { formatReplay } from './format-replay.js';

const REPORT: ReplayReport = {
  sent: 160,
  notSent: 0,
  verdicts: { PASS: 100, FAIL: 20, INCONCLUSIVE: 40 },
  inconclusive: { LATE: 3, NO_RECIPE: 37 },
  duplicates: 0,
  lost: 0,
  latencyMs: { p50: 1, p95: 2, p99: 3, max: 4 },
  truth: { tp: 20, fp: 40, tn: 100, fn: 0 },
  auroc: null,
};

describe('a replay’s report', () => {
  it('says why parts were INCONCLUSIVE, the most frequent reason first', () => {
    assert.match(formatReplay(REPORT), /^INCONCLUSIVE +37 NO_RECIPE, 3 LATE$/m);
    const decided = { ...REPORT, verdicts: { PASS: 1, FAIL: 1, INCONCLUSIVE: 0 }, inconclusive: {} };
    assert.doesNotMatch(formatReplay(decided), /^INCONCLUSIVE/m);
  });

  it('tells what was sent from what was not', () => {
    assert.match(formatReplay(REPORT), /160 pictures sent$/m);
    assert.match(formatReplay({ ...REPORT, notSent: 40 }), /160 pictures sent, 40 not$/m);
  });
});
