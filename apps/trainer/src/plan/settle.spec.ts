import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Plan, type PlanInput } from './plan.js';
import { settle } from './settle.js';

describe('a plan that leaves open how often fine-tuning passes', () => {
  it('passes over few pictures more often, within bounds', () => {
    assert.equal(epochsOf({}, 50), 12);
    assert.equal(epochsOf({}, 250), 8, '16 steps a pass');
    assert.equal(epochsOf({}, 5_000), 5);
  });

  it('counts every variant and every tile that teaches as a view', () => {
    assert.equal(epochsOf({ augment: { copies: 1 } }, 500), 8);
    assert.equal(epochsOf({ tiles: { columns: 2, rows: 1 } }, 125), 8);
    assert.equal(epochsOf({ tiles: { columns: 4, rows: 4 } }, 63), 8, 'four tiles teach');
    assert.equal(epochsOf({ batch: 64 }, 500), 8);
  });

  it('keeps the number that a plan says', () => {
    assert.equal(epochsOf({ fineTune: { epochs: 3 } }, 50), 3);
    assert.equal(epochsOf({ fineTune: { epochs: 0 } }, 50), 0);
  });
});

function epochsOf(plan: PlanInput, pictures: number): number {
  return settle(Plan.parse(plan), pictures).fineTune.epochs;
}
