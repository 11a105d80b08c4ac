import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupsOf } from './groups.js';
import { findLeaks, refuseConflicts, refuseLeaks } from './leaks.js';
import type { Sample, Subset } from './sample.js';
import { splitDataset } from './split.js';

function makeSample(path: string, own: Partial<Sample> = {}): Sample {
  const sha256 = `hash of ${path}`;
  return {
    path,
    file: `/data/${path}`,
    label: 'good',
    split: 'train',
    group: null,
    lot: null,
    part: null,
    sha256,
    ...own,
  };
}

const at = (split: Subset, ...samples: Sample[]) => samples.map((sample) => ({ ...sample, split }));

describe('leak guard', () => {
  it('lets distinct pictures pass, and twins on one side', () => {
    const split = { train: at('train', makeSample('1'), makeSample('1b')), val: at('val', makeSample('2')), test: [] };
    const twins = [{ first: '1', second: '1b', likeness: 1, orientation: 'mirrored' }] as const;
    refuseLeaks(findLeaks(split, twins));
  });

  it('refuses one picture on two sides, byte for byte or turned, naming each pair: LEAK', () => {
    const copy = makeSample('copy', { sha256: 'hash of 1' });
    const split = { train: at('train', makeSample('1')), val: at('val', makeSample('2')), test: at('test', copy) };
    const twins = [{ first: '1', second: '2', likeness: 0.999, orientation: 'turned by 90' }] as const;
    assert.throws(() => refuseLeaks(findLeaks(split, twins)), {
      name: 'RefusedError',
      code: 'LEAK',
      message: /^2 pairs .*1 \(train\) = copy \(test\), byte for byte, 1 \(train\) = 2 \(val\), turned by 90/,
    });
  });

  it('refuses one picture with two labels, also on one side: LABEL_CONFLICT', () => {
    const twin = makeSample('twin', { sha256: 'hash of 1', label: 'crack' });
    assert.throws(() => refuseConflicts([makeSample('1'), twin]), {
      name: 'InputError',
      code: 'LABEL_CONFLICT',
      message: /1 \(good\) = twin \(crack\)/,
    });
  });
});

describe('groups', () => {
  it('join where they share a picture byte for byte, also through a third one', () => {
    const samples = [
      makeSample('a', { group: 'g1' }),
      makeSample('b', { group: 'g2' }),
      makeSample('c', { group: 'g3', sha256: 'hash of a' }),
      makeSample('d', { group: 'g3', sha256: 'hash of b' }),
      makeSample('e', { group: 'g4' }),
    ];
    for (const order of [samples, [...samples].reverse()]) {
      const groups = groupsOf(order).map((group) => group.map(({ path }) => path).sort());
      assert.deepEqual(groups, [['a', 'b', 'c', 'd'], ['e']]);
    }
  });

  it('join where they share one thing', () => {
    const samples = [
      makeSample('a', { group: 'g1', kin: 'a' }),
      makeSample('b', { group: 'g2', kin: 'a' }),
      makeSample('c', { group: 'g3' }),
    ];
    assert.deepEqual(
      groupsOf(samples).map((group) => group.map(({ path }) => path)),
      [['a', 'b'], ['c']],
    );
  });

  it('keep equal pictures on one side of a split the training makes', () => {
    const samples = Array.from({ length: 60 }, (_, i) =>
      makeSample(`${i}`, { split: null, label: i % 2 === 0 ? 'good' : 'defect', sha256: `hash ${i % 20}` }),
    );
    const dataset = { dir: '/data', good: 'good', labels: ['good', 'defect'], samples } as const;
    for (let seed = 0; seed < 10; seed += 1) {
      refuseLeaks(findLeaks(splitDataset(dataset, { validationShare: 0.25, testShare: 0.25, seed }), []));
    }
  });
});
