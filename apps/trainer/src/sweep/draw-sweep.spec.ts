import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drawSweep } from './draw-sweep.js';
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
});
