import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findBackbone } from '#model/backbones/find';
import { resolveFreeze } from '#model/backbones/freeze';
import type { Parameter } from '#model/train/parameters';
import { assertGroups, ratesOf } from './rates.js';

const backbone = findBackbone('efficientnet-lite0');
const NAMES = ['block6d_project_conv/kernel', 'block7a_dwconv/bias', 'top_conv/kernel', 'probabilities/kernel'];
const parameters = NAMES.map(
  (name): Parameter => ({
    name,
    shape: [1],
    offset: 0,
    length: 1,
    group: name.startsWith('prob') ? 'head' : 'base',
    decays: true,
    isOpen: true,
  }),
);

describe('rates of groups', () => {
  it('are one for all open blocks and one for the head', () => {
    assert.deepEqual(
      ratesOf(parameters, { base: 0.1, head: 0.5, layerDecay: 1, groups: {} }, backbone),
      [0.1, 0.1, 0.1, 0.5],
    );
  });

  it('fall from block to block towards the picture', () => {
    const rates = ratesOf(parameters, { base: 0.8, head: 0.5, layerDecay: 0.5, groups: {} }, backbone);
    assert.deepEqual(rates, [0.2, 0.4, 0.8, 0.5]);
  });

  it('may be named one by one', () => {
    const groups = { head: 0.9, block7a: 0.3 };
    const rates = ratesOf(parameters, { base: 0.8, head: 0.5, layerDecay: 0.5, groups }, backbone);
    assert.deepEqual(rates, [0.2, 0.3, 0.8, 0.9]);
  });

  it('are refused for a group the network does not have, and for one that is frozen', () => {
    const freeze = resolveFreeze('block7a', backbone);
    const refused = (groups: Record<string, number>, message: RegExp) =>
      assert.throws(() => assertGroups(groups, { backbone, freeze }), { code: 'PLAN_RATES', message });
    refused({ block9z: 1, top: 1 }, /block9z, which efficientnet-lite0 does not have\..*block6d, block7a, top, head/);
    refused({ block6d: 1, block7a: 1 }, /block6d, which fineTune\.freeze keeps .*Expected some of block7a, top, head/);
    assertGroups({ block7a: 1, top: 1, head: 1 }, { backbone, freeze });
  });
});
