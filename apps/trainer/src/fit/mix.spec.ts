import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { drawMix, mixFeatures, mixOf } from './mix.js';

const MAP = { height: 4, width: 3 };

describe('mixing of cached features', () => {
  it('mixup blends a picture with another by its share', () => {
    const features = Float32Array.of(1, 2, 11, 22);
    const mixed = mixFeatures(features, {
      mix: { partners: [1, 1], own: [0.75, 1], boxes: null },
      count: 2,
      map: null,
    });
    assert.deepEqual([...mixed], [3.5, 7, 11, 22]);
    assert.deepEqual([...features], [1, 2, 11, 22]);
  });

  it('mixes with pictures that are another worker’s, and hands on the worker’s own alone', () => {
    const { mix, others } = mixOf({ partners: [3, 0, 2, 1], own: [0.75, 0.5, 1, 0.25], boxes: null }, [0, 1]);
    assert.deepEqual([mix, others], [{ partners: [2, 0], own: [0.75, 0.5], boxes: null }, [3]]);
    const mixed = mixFeatures(Float32Array.of(4, 8, 40), { mix, count: 3, map: null });
    assert.deepEqual([...mixed], [13, 6]);
  });

  it('cutmix shows the other picture inside the box, all channels, and nowhere else', () => {
    const ones = new Float32Array(2 * 4 * 3 * 2).map((_, i) => (i < 24 ? 1 : 2));
    const box = { top: 1, bottom: 3, left: 2, right: 3 };
    const mixed = mixFeatures(ones, {
      mix: { partners: [1, 1], own: [10 / 12, 1], boxes: [box, box] },
      count: 2,
      map: MAP,
    });
    const cells = Array.from({ length: 12 }, (_, cell) => [mixed[2 * cell], mixed[2 * cell + 1]]);
    const shown = cells.flatMap(([a, b], cell) => (a === 2 && b === 2 ? [cell] : []));
    assert.deepEqual(shown, [5, 8]);
    assert.ok(cells.every(([a, b]) => a === b));
    assert.ok(mixed.subarray(24).every((value) => value === 2));
  });

  it('counts as the picture’s own what the box leaves of it', () => {
    const rule = { kind: 'cutmix', alpha: 1, probability: 1 } as const;
    const mix = drawMix(50, { rule, map: MAP, random: xoroshiro128plus(1) });
    for (const [i, { top, bottom, left, right }] of (mix?.boxes ?? []).entries()) {
      assert.ok(top >= 0 && bottom <= 4 && left >= 0 && right <= 3);
      assert.ok(Math.abs((mix?.own[i] ?? 0) - (1 - ((bottom - top) * (right - left)) / 12)) < 1e-12);
    }
    assert.equal(mix?.boxes?.length, 50);
  });

  it('mixes the share of pictures asked for, never one with itself, by halves on average', () => {
    const rule = { kind: 'mixup', alpha: 0.3, probability: 0.4 } as const;
    const mix = drawMix(4000, { rule, map: MAP, random: xoroshiro128plus(2) });
    const mixed = (mix?.partners ?? []).flatMap((partner, i) => (partner === i ? [] : [mix?.own[i] ?? 0]));
    assert.ok(Math.abs(mixed.length / 4000 - 0.4) < 0.03);
    assert.ok(Math.abs(mixed.reduce((sum, own) => sum + own, 0) / mixed.length - 0.5) < 0.05);
    // Beta(0.3, 0.3) has a variance of 1 / (4 (2 * 0.3 + 1)).
    const variance = mixed.reduce((sum, own) => sum + (own - 0.5) ** 2, 0) / mixed.length;
    assert.ok(Math.abs(variance - 1 / 6.4) < 0.02, `${variance}`);
  });

  it('mixes nothing where the plan says none or a batch is one picture', () => {
    const random = xoroshiro128plus(1);
    assert.equal(drawMix(8, { rule: { kind: 'none', alpha: 1, probability: 1 }, map: MAP, random }), null);
    assert.equal(drawMix(1, { rule: { kind: 'mixup', alpha: 1, probability: 1 }, map: MAP, random }), null);
  });
});
