import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { rank } from './rank.js';

/** 40 parts of 3 pictures, every third part defective; `skill` 0 is chance. */
function judge(skill: number, seed: number) {
  const random = xoroshiro128plus(seed);
  return Array.from({ length: 120 }, (_, i) => {
    const part = Math.floor(i / 3);
    const isDefect = part % 3 === 0;
    const score = (uniformFloat64(random) + (isDefect ? skill : 0)) / (1 + skill);
    return { path: `${i}.png`, group: `part ${part}`, isDefect, score };
  });
}

const candidate = (index: number, skill: number, seeds = [1, 2, 3]) => ({
  index,
  pictures: new Map(seeds.map((seed) => [seed, judge(skill, seed)])),
});

describe('ranking candidates', () => {
  it('puts the best mean first and tells a clear difference from noise', () => {
    const ranked = rank([candidate(0, 0.1), candidate(1, 1.5), candidate(2, 1.49)], 'auroc');
    assert.deepEqual(
      ranked.map(({ index, isWithinNoise }) => [index, isWithinNoise]),
      [
        [1, false],
        [2, true],
        [0, false],
      ],
    );
    const [first, , last] = ranked;
    assert.equal(first?.behind, null);
    assert.ok(last?.behind !== null && last !== undefined && (last.behind.limits?.low ?? 0) > 0.1);
    for (const { estimate, bySeed } of ranked) {
      const { low = 1, high = 0 } = estimate.limits ?? {};
      assert.ok(low <= estimate.mean && estimate.mean <= high);
      assert.equal(bySeed.length, 3);
    }
  });

  it('compares on the same pictures: a small but steady lead counts', () => {
    const steady = candidate(0, 0.6);
    // The same scores, every defect a little lower.
    const spoilt = new Map(
      [...steady.pictures].map(([seed, pictures]) => [
        seed,
        pictures.map((one) => (one.isDefect ? { ...one, score: Math.max(0, one.score - 0.06) } : one)),
      ]),
    );
    const [first, second] = rank([steady, { index: 1, pictures: spoilt }], 'auroc');
    assert.equal(first?.index, 0);
    assert.equal(second?.isWithinNoise, false);
    // Their own intervals overlap: without pairing nobody could tell.
    assert.ok((second?.estimate.limits?.high ?? 0) > (first?.estimate.limits?.low ?? 1));
  });

  it('takes the same pictures under three seeds for no more than they are under one', () => {
    const same = (skill: number, seeds: readonly number[]) => new Map(seeds.map((seed) => [seed, judge(skill, 1)]));
    const ranked = (seeds: readonly number[]) =>
      rank(
        [1, 0.6].map((skill, index) => ({ index, pictures: same(skill, seeds) })),
        'auroc',
      )
        .flatMap(({ estimate, behind }) => [estimate.limits, behind?.limits ?? null])
        .map((limits) => limits && [limits.low, limits.high].map((value) => value.toFixed(9)));
    assert.deepEqual(ranked([1, 2, 3]), ranked([1]));
  });

  it('does not take three seeds that agree by chance for a difference', () => {
    const of = (index: number, skills: readonly number[]) => ({
      index,
      pictures: new Map(skills.map((skill, i) => [i + 1, judge(skill, 1)] as const)),
    });
    const [first, second] = rank([of(0, [0.8, 0.7, 0.6]), of(1, [0.7, 0.35, 0.55])], 'auroc');
    const ahead = first?.bySeed.map((value, i) => value - (second?.bySeed[i] ?? 1)) ?? [];
    assert.ok(
      ahead.every((difference) => difference > 0),
      `${ahead}`,
    );
    assert.equal(second?.isWithinNoise, true);
    assert.ok(first?.estimate.limits !== null && (first?.estimate.limits.high ?? 2) <= 1);
  });

  it('calls nobody worse than the first who leads on the seeds that both have', () => {
    const first = {
      index: 0,
      pictures: new Map([
        [1, judge(3, 1)],
        [2, judge(0.2, 2)],
      ]),
    };
    const other = { index: 1, pictures: new Map([[2, judge(0.4, 2)]]) };
    const [, second] = rank([first, other], 'auroc');
    assert.deepEqual([second?.index, (second?.behind?.limits?.high ?? 1) < 0, second?.isWithinNoise], [1, true, true]);
  });

  it('tells nothing apart by fewer than eight groups of a kind', () => {
    const inGroups = (groups: number, { pictures, index }: ReturnType<typeof candidate>) => ({
      index,
      pictures: new Map(
        [...pictures].map(([seed, all]) => [
          seed,
          all.map((one, i) => ({ ...one, group: `${one.isDefect} ${i % groups}` })),
        ]),
      ),
    });
    const ranked = (groups: number) =>
      rank(
        [candidate(0, 0.1), candidate(1, 1.5)].map((one) => inGroups(groups, one)),
        'auroc',
      );
    const [first, second] = ranked(7);
    assert.deepEqual([first?.estimate.limits, second?.behind?.limits, second?.isWithinNoise], [null, null, true]);
    assert.equal(ranked(8)[1]?.isWithinNoise, false);
  });

  it('ranks upside down what is better low', () => {
    const [first, second] = rank([candidate(0, 0.2), candidate(1, 2)], 'overkillAt95');
    assert.deepEqual([first?.index, second?.index], [1, 0]);
    assert.ok((second?.behind?.mean ?? -1) > 0);
  });

  it('leaves out who has no result, and repeats itself exactly', () => {
    const all = [candidate(0, 1), { index: 1, pictures: new Map() }, candidate(2, 0.5, [2])];
    const ranked = rank(all, 'auroc');
    assert.deepEqual(
      ranked.map(({ index, seeds }) => [index, seeds]),
      [
        [0, [1, 2, 3]],
        [2, [2]],
      ],
    );
    assert.deepEqual(rank(all, 'auroc'), ranked);
  });
});
