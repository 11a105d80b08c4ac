import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readsAsGood } from './good-names.js';

describe('a class that reads like good parts', () => {
  it('is known by the words that people and public data sets use', () => {
    for (const name of ['ok_front', 'MT_Free', 'Negative', 'Normal', 'OK', 'non-defective', 'NoDefects', 'no_crack'])
      assert.ok(readsAsGood(name), name);
  });

  it('is none that says the opposite, or what a part lacks', () => {
    for (const name of ['not_ok', 'NotGood', 'def_front', 'Positive', 'abnormal', 'anomaly', 'no_screw', 'crack', '1'])
      assert.ok(!readsAsGood(name), name);
  });
});
