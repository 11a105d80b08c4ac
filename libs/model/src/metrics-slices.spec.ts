import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { auroc } from './metrics-ranking.js';
import { type Judged, sliceScores } from './metrics-slices.js';

const point = { threshold: 0.5, greyZone: [0.5, 0.5] as [number, number] };

/** Pictures of which five in a row are one group; every fourth group is of defects, and scores are often equal. */
function judge(count: number, onRead: () => void = () => undefined): Judged[] {
  const random = xoroshiro128plus(5);
  return Array.from({ length: count }, (_, i) => {
    const group = `${Math.floor(i / 5)}`;
    const isDefect = Number(group) % 4 === 0 || i % 11 === 0;
    const label = isDefect ? 'defect' : 'good';
    const score = uniformInt(random, 0, 70) / 100 + (isDefect ? 0.3 : 0);
    const sample = { path: `${i}.png`, file: `/${i}.png`, label, split: null, group, lot: null, part: null };
    return {
      sample,
      isDefect,
      get score() {
        onRead();
        return score;
      },
    };
  });
}

describe('figures of slices', () => {
  it('rank a slice of one kind against all pictures of the other kind, and one of both by itself', () => {
    const judged = judge(300);
    for (const { by, name, auroc: ranking } of sliceScores(judged, point).filter(({ by }) => by === 'group')) {
      const own = judged.filter(({ sample }) => sample.group === name);
      const kinds = new Set(own.map(({ isDefect }) => isDefect));
      const others = judged.filter(({ isDefect }) => kinds.size === 1 && !kinds.has(isDefect));
      assert.equal(ranking, auroc([...own, ...others]), `${by} ${name}`);
    }
  });

  it('look at each picture a few times, however many slices there are', () => {
    let reads = 0;
    const judged = judge(2000, () => {
      reads += 1;
    });
    assert.ok(sliceScores(judged, point).length > 400);
    assert.ok(reads <= 20 * judged.length, `${reads} reads of ${judged.length} scores`);
  });
});
