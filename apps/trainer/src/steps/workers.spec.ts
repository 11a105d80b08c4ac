import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Plan } from '../plan/plan.js';
import { workersOf } from './workers.js';

describe('workers that share a batch', () => {
  it('are as many as the backend wants where the plan is silent', () => {
    assert.equal(workersOf(Plan.parse({}), { name: 'wasm', workers: 8, sharesBatches: true }), 8);
  });

  it('are as many as the plan says where workers can share one', () => {
    assert.equal(workersOf(Plan.parse({ workers: 3 }), { name: 'tensorflow', workers: 1, sharesBatches: true }), 3);
  });

  it('are refused on a backend that has one for the whole machine', () => {
    const plan = Plan.parse({ workers: 2 });
    const backend = { name: 'webgpu', workers: 1, sharesBatches: false } as const;
    const expected = { code: 'PLAN_WORKERS', message: /expected 1 or null with backend webgpu.*got 2/ };
    assert.throws(() => workersOf(plan, backend), expected);
    assert.equal(workersOf(Plan.parse({ workers: 1 }), backend), 1);
  });
});
