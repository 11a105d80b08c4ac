import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DependencyError } from '#contracts';
import { makeOverride } from '../../../../test/factories/frames.js';
import { countOf } from '../../../../test/factories/metrics.js';
import { Counters } from '../health/counters.js';
import type { OverrideCall, OverrideOutcome } from '../ledger/rows.js';
import { OverrideDesk, type OverrideDeskOptions } from './override-desk.js';

function makeDesk(over: Partial<OverrideDeskOptions> & { outcome?: OverrideOutcome } = {}) {
  const calls: OverrideCall[] = [];
  const wakes: string[] = [];
  const { outcome = { kind: 'new', override: makeOverride() }, ...rest } = over;
  const counters = new Counters();
  const desk = new OverrideDesk({
    inspectorId: 'i1',
    bootId: 'b1',
    isShadow: false,
    ledger: {
      override: async (call) => {
        calls.push(call);
        return outcome;
      },
      overridesOf: async () => [],
    },
    plant: { newestOf: async (partId) => (partId === 'SN1' ? { kind: 'part', id: 'inspection-1' } : null) },
    outbox: { wake: () => void wakes.push('woken') },
    counters,
    ...rest,
  });
  return { desk, calls, counters, wakes: () => wakes.length };
}

const WORDS = { disposition: 'scrap', trueLabel: null, remark: null, by: 'Ada' } as const;

describe("a person's word on a part", () => {
  it('goes to the ledger with its frame, and on to whoever reads the ledger', async () => {
    const { desk, calls, counters, wakes } = makeDesk();
    assert.deepEqual(await desk.record({ ...WORDS, frameId: 'f1' }), makeOverride());
    assert.equal(await countOf(counters, 'overrides'), 1);
    assert.deepEqual([calls[0]?.of, calls[0]?.words, wakes()], [{ kind: 'frame', id: 'f1' }, WORDS, 1]);
  });

  it('on a part id is a word on its newest record', async () => {
    const { desk, calls } = makeDesk();
    await desk.record({ ...WORDS, partId: 'SN1' });
    assert.deepEqual(calls[0]?.of, { kind: 'part', id: 'inspection-1' });
  });

  it('on an inspection is a word on that one, also where the part was inspected again', async () => {
    const { desk, calls } = makeDesk({ plant: { newestOf: () => assert.fail('nobody needs the newest') } });
    await desk.record({ ...WORDS, inspection: 'inspection-0' });
    assert.deepEqual(calls[0]?.of, { kind: 'part', id: 'inspection-0' });
  });

  it('said again wakes nobody', async () => {
    const { desk, wakes } = makeDesk({ outcome: { kind: 'known', override: makeOverride() } });
    assert.deepEqual(await desk.record({ ...WORDS, frameId: 'f1' }), makeOverride());
    assert.equal(wakes(), 0);
  });

  it('is refused where nothing is recorded, in a shadow, and when the ledger refuses', async () => {
    const nothing = makeDesk({ outcome: { kind: 'unknown' } });
    await assert.rejects(nothing.desk.record({ ...WORDS, frameId: 'f9' }), { code: 'OVERRIDE_UNKNOWN', message: /f9/ });
    await assert.rejects(nothing.desk.record({ ...WORDS, partId: 'SN9' }), {
      code: 'OVERRIDE_UNKNOWN',
      message: /SN9/,
    });
    await assert.rejects(nothing.desk.record({ ...WORDS, inspection: 'i9' }), {
      code: 'OVERRIDE_UNKNOWN',
      message: /inspection i9/,
    });
    const shadow = makeDesk({ isShadow: true });
    await assert.rejects(shadow.desk.record({ ...WORDS, frameId: 'f1' }), { code: 'OVERRIDE_SHADOW' });
    assert.deepEqual(shadow.calls, []);
    const full = makeDesk({
      ledger: {
        override: () => Promise.reject(new DependencyError('LEDGER_WRITE', 'full')),
        overridesOf: async () => [],
      },
    });
    await assert.rejects(full.desk.record({ ...WORDS, frameId: 'f1' }), { code: 'LEDGER_WRITE' });
    assert.equal(full.wakes(), 0);
  });
});
