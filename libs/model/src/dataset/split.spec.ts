import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Dataset, Sample, Subset } from './sample.js';
import { groupOf } from './sample.js';
import { foldSamples, type Split, splitDataset, taughtLabels } from './split.js';

const SHARES = { validationShare: 0.2, testShare: 0.2, seed: 7 };

function makeSample(path: string, own: Partial<Sample> = {}): Sample {
  return { path, file: `/data/${path}`, label: 'good', split: null, group: null, lot: null, part: null, ...own };
}

function makeDataset(samples: readonly Sample[]): Dataset {
  return { dir: '/data', good: 'good', labels: ['good', 'defect'], samples };
}

/** `groups` groups of `size` pictures, every third picture a defect. */
function grouped({ groups, size, split = null }: { groups: number; size: number; split?: Subset | null }): Sample[] {
  return Array.from({ length: groups * size }, (_, i) =>
    makeSample(`${split}/${i}.png`, {
      label: i % 3 === 0 ? 'defect' : 'good',
      group: `${split}${Math.floor(i / size)}`,
      split,
    }),
  );
}

/** A split of its own, and one picture of a class that is on one side alone. */
function withRare({ split }: { split: Subset }): Dataset {
  const rare = makeSample('rare.png', { label: 'rare', group: 'r', split });
  const given = (['train', 'val', 'test'] as const).flatMap((side) => grouped({ groups: 4, size: 3, split: side }));
  return { ...makeDataset([...given, rare]), labels: ['good', 'defect', 'rare'] };
}

const sides = ({ train, val, test }: Split) => [train, val, test];
const shareOf = (part: readonly Sample[], whole: readonly Sample[], label: string): number =>
  part.filter((s) => s.label === label).length / whole.filter((s) => s.label === label).length;

describe('splitting a data set', () => {
  it('keeps every picture on exactly one side and groups whole', () => {
    const samples = grouped({ groups: 40, size: 5 });
    const split = splitDataset(makeDataset(samples), SHARES);
    assert.deepEqual(
      sides(split)
        .flat()
        .map((s) => s.path)
        .sort(),
      samples.map((s) => s.path).sort(),
    );
    const [train, val, test] = sides(split).map((side) => new Set(side.map(groupOf)));
    assert.equal(train?.size, 40 - (val?.size ?? 0) - (test?.size ?? 0));
  });

  it('holds out the asked share of every class', () => {
    const samples = grouped({ groups: 60, size: 4 });
    const { train, val, test } = splitDataset(makeDataset(samples), SHARES);
    for (const label of ['good', 'defect']) {
      assert.ok(Math.abs(shareOf(test, samples, label) - 0.2) < 0.03, `${label} in test`);
      assert.ok(Math.abs(shareOf(val, [...train, ...val], label) - 0.2) < 0.03, `${label} in val`);
    }
  });

  it('gives the same sides for the same seed whatever order the samples come in, others for another seed', () => {
    const samples = grouped({ groups: 30, size: 4 });
    const once = splitDataset(makeDataset(samples), SHARES);
    assert.deepEqual(splitDataset(makeDataset([...samples].reverse()), SHARES), once);
    assert.notDeepEqual(splitDataset(makeDataset(samples), { ...SHARES, seed: 8 }), once);
  });

  it('takes a missing validation side out of train and leaves test as it is given', () => {
    const test = grouped({ groups: 5, size: 3, split: 'test' });
    const { val, ...split } = splitDataset(
      makeDataset([...grouped({ groups: 20, size: 3, split: 'train' }), ...test]),
      SHARES,
    );
    assert.equal(split.test.length, test.length);
    assert.equal(val.length, 12);
    assert.ok(val.every((sample) => sample.split === 'val' && sample.group?.startsWith('train')));
  });

  it('keeps a split that is given whole', () => {
    const samples = (['train', 'val'] as const).flatMap((split) => grouped({ groups: 4, size: 3, split }));
    const split = splitDataset(makeDataset(samples), SHARES);
    assert.deepEqual(
      sides(split).map((side) => side.length),
      [12, 12, 0],
    );
  });

  it('gives both kinds to a side even where groups are few and large', () => {
    const samples = ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((group, g) =>
      Array.from({ length: 10 }, (_, i) =>
        makeSample(`${group}/${i}.png`, { group, label: g < 3 ? 'good' : 'defect' }),
      ),
    );
    for (let seed = 0; seed < 20; seed += 1) {
      const split = splitDataset(makeDataset(samples), { ...SHARES, seed });
      for (const side of sides(split)) assert.equal(new Set(side.map((s) => s.label)).size, 2);
    }
  });

  it('keeps the shares of a second column where one is named', () => {
    const samples = grouped({ groups: 80, size: 2 }).map((sample, i) => ({
      ...sample,
      stratum: Math.floor(i / 2) % 8 === 0 ? 'night' : 'day',
    }));
    for (let seed = 0; seed < 5; seed += 1) {
      const { test } = splitDataset(makeDataset(samples), { ...SHARES, seed });
      const nights = test.filter(({ stratum }) => stratum === 'night').length;
      assert.ok(nights >= 2 && nights <= 6, `${nights} of 20 in test`);
    }
  });

  it('leaves every class something to learn from, or says which has nothing: CLASS_VANISHED', () => {
    const dataset = withRare({ split: 'val' });
    assert.throws(() => taughtLabels(dataset, splitDataset(dataset, SHARES)), {
      name: 'InputError',
      code: 'CLASS_VANISHED',
      message: /rare \(1 picture in 1 group\)/,
    });
    const spread = [
      ...grouped({ groups: 30, size: 3 }),
      ...['a', 'b'].map((group) => makeSample(`${group}.png`, { label: 'rare', group })),
    ];
    for (let seed = 0; seed < 10; seed += 1) {
      const own = { ...makeDataset(spread), labels: ['good', 'defect', 'rare'] };
      assert.deepEqual(taughtLabels(own, splitDataset(own, { ...SHARES, seed })), own.labels);
    }
  });

  it('learns no class that the data names in test alone: it is seen there for the first time', () => {
    const dataset = withRare({ split: 'test' });
    const split = splitDataset(dataset, SHARES);
    assert.deepEqual(taughtLabels(dataset, split), ['good', 'defect']);
    assert.ok(split.test.some(({ label }) => label === 'rare'));
  });

  it('says how many pictures look like copies where that keeps the sides from being filled: TOO_FEW', () => {
    const samples = grouped({ groups: 30, size: 1 }).map((sample, i) =>
      i < 28 ? { ...sample, kin: 'null/0.png' } : sample,
    );
    assert.throws(() => splitDataset(makeDataset(samples), SHARES), {
      code: 'TOO_FEW',
      message: / 28 of the 30 pictures look like copies of others and stay on one side with them: lineside data check /,
    });
    assert.throws(() => splitDataset(makeDataset(grouped({ groups: 1, size: 30 })), SHARES), {
      message: /each side needs both\. Add pictures/,
    });
  });

  it('says which groups hold all of a kind where whole groups keep the sides from being filled: TOO_FEW', () => {
    const samples = Array.from({ length: 60 }, (_, i) =>
      makeSample(`${i}.png`, { label: i < 20 ? 'defect' : 'good', lot: i < 20 ? 'L7' : `L${100 + i}`, part: `p${i}` }),
    );
    assert.throws(() => splitDataset(makeDataset(samples), SHARES), {
      code: 'TOO_FEW',
      message: /the 20 defective pictures are of 1 group alone \(lot L7\), which stays on one side.*--group/,
    });
    const alone = samples.slice(18, 22).map((sample) => ({ ...sample, lot: null }));
    assert.throws(
      () => splitDataset(makeDataset(alone), SHARES),
      ({ message }: Error) => !message.includes('alone ('),
    );
  });

  it('refuses what cannot fill the sides with both kinds: TOO_FEW', () => {
    const oneDefect = [
      ...Array.from({ length: 9 }, (_, i) => makeSample(`${i}.png`)),
      makeSample('9.png', { label: 'defect' }),
    ];
    const oneGroup = grouped({ groups: 1, size: 30 });
    const onlyTest = grouped({ groups: 9, size: 3, split: 'test' });
    for (const samples of [oneDefect, oneGroup, onlyTest]) {
      assert.throws(() => splitDataset(makeDataset(samples), SHARES), { name: 'InputError', code: 'TOO_FEW' });
    }
  });
});

describe('cutting samples into folds', () => {
  const options = { folds: 4, seed: 3, dir: '/data' };

  it('judges every picture once, keeps groups whole and classes in their shares', () => {
    const samples = grouped({ groups: 48, size: 5 });
    const folds = foldSamples(samples, options);
    assert.deepEqual(
      folds
        .flat()
        .map(({ path }) => path)
        .sort(),
      samples.map(({ path }) => path).sort(),
    );
    assert.equal(
      folds.reduce((sum, fold) => sum + new Set(fold.map(groupOf)).size, 0),
      48,
    );
    for (const fold of folds) {
      for (const label of ['good', 'defect']) assert.ok(Math.abs(shareOf(fold, samples, label) - 0.25) < 0.04, label);
    }
  });

  it('gives the same folds in whatever order the samples come', () => {
    const samples = grouped({ groups: 20, size: 3 });
    assert.deepEqual(foldSamples([...samples].reverse(), options), foldSamples(samples, options));
  });

  it('refuses folds without defects: TOO_FEW', () => {
    const samples = [
      ...grouped({ groups: 3, size: 1 }),
      ...grouped({ groups: 20, size: 1 }).filter((s) => s.label === 'good'),
    ];
    assert.throws(() => foldSamples(samples, options), { code: 'TOO_FEW', message: /fold \d of 4 gets/ });
  });
});
