import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrainRequest } from './jobs.js';

describe('a training request', () => {
  for (const [place, words] of [
    ['data', { data: '/da\0ta' }],
    ['plan', { data: '/data', plan: 'p\n' }],
    ['good[0]', { data: '/data', good: ['ok\u007f'] }],
    ['set.seed', { data: '/data', set: { seed: '\u0000' } }],
  ] as const) {
    it(`takes no control characters in ${place}`, () => {
      const { error } = TrainRequest.safeParse(words);
      assert.equal(error?.issues[0]?.path.join('.').replace('.0', '[0]'), place);
      assert.match(error?.issues[0]?.message ?? '', /control characters/);
    });
  }

  it('takes settings as JSON has them, and hands them on as --set takes them', () => {
    const set = { 'fineTune.epochs': 3, calibrate: false, roi: null, 'augment.views': ['plain', 'flip'], seed: '7' };
    const told = TrainRequest.parse({ data: '/data', set: { ...set, tiles: { columns: 2, rows: 1 } } }).set;
    assert.deepEqual(told, {
      'fineTune.epochs': '3',
      calibrate: 'false',
      roi: 'null',
      'augment.views': '["plain","flip"]',
      seed: '7',
      tiles: '{"columns":2,"rows":1}',
    });
  });

  it('refuses a setting that is nested too deep to be written down', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(40_000)}${']'.repeat(40_000)}`);
    const { error } = TrainRequest.safeParse({ data: '/data', set: { roi: deep } });
    assert.deepEqual(error?.issues[0]?.path, ['set', 'roi']);
    assert.match(error?.issues[0]?.message ?? '', /nested too deep/);
  });
});
