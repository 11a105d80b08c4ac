import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drawSweep } from './draw-sweep.js';
import type { Row } from './results.js';
import { SweepFile } from './sweep-file.js';

describe('the page of a sweep', () => {
  it('names every learning curve above the plot, however many and however long their names', () => {
    const curves = Array.from({ length: 9 }, (_, i) => ({
      name: `curve ${i}: fineTune.freeze block6a, fineTune.rate 0.0003, head.dropout 0.5`,
      auroc: [0.8 + i / 100, 0.9],
    }));
    const sweep = SweepFile.parse({ title: 'many', over: { 'head.dropout': [0.3, 0.5] } });
    const page = drawSweep({ file: 'many.yaml', data: { data: 'pictures' }, sweep, rows: [], curves });
    const drawn = page.slice(page.lastIndexOf('<svg'));
    const heights = (words: RegExp) =>
      [...drawn.matchAll(/<text[^>]*translate\([\d.]+ ([\d.]+)\)[^>]*>([^<]*)</g)].flatMap(([, y, text = '']) =>
        words.test(text) ? [Number(y)] : [],
      );
    const names = heights(/^curve /);
    assert.equal(names.length, curves.length);
    assert.equal(new Set(names).size, curves.length, 'one below the other');
    const plotTop = Math.min(...heights(/^0\.\d+$/));
    assert.ok(Math.max(...names) + 13 < plotTop, `${Math.max(...names)} above ${plotTop}`);
  });

  it('has the figure that ranks in one column, and an axis that ends at 1', () => {
    const figures = { auroc: 0.98, averagePrecision: 0.97, maxF1: 0.9, overkillAt95: 0.01 };
    // Rounded outwards to whole steps of 0.03 the axis would end at 1.02.
    const estimate = { mean: 0.98, limits: { low: 0.85, high: 1 } };
    const row = {
      ...{ settings: {}, effort: null, estimate, bySeed: [0.98], behind: null, isWithinNoise: false, figures },
      ...{ seeds: 1, secondsPerTrial: 9, isOut: false, failedAt: null, problem: null },
    };
    const rows: Row[] = [1, 2].map((place) => ({ ...row, place, name: `candidate ${place}` }));
    const pageOf = (rankBy: string) => {
      const sweep = SweepFile.parse({ title: 'two', over: { 'head.dropout': [0.3, 0.5] }, rankBy });
      return drawSweep({ file: 'f', data: { data: 'd' }, sweep, rows, curves: [] });
    };
    const byAuroc = pageOf('auroc');
    assert.equal(byAuroc.match(/<th scope="col">AUROC<\/th>/g)?.length, 1);
    assert.match(byAuroc, /<th scope="col">AP<\/th><th scope="col">max F1<\/th><th scope="col">overkill at 95.%<\/th>/);
    assert.match(pageOf('overkillAt95'), /<th scope="col">AUROC<\/th><th scope="col">AP<\/th>/);
    const ticks = [...byAuroc.matchAll(/>(\d\.\d+|\d)<\/text>/g)].map(([, text]) => Number(text));
    assert.ok(ticks.length > 3);
    assert.equal(Math.max(...ticks), 1);
  });
});
