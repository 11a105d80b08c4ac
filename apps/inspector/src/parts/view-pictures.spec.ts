import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makePart, makeVerdict } from '../../../../test/factories/frames.js';
import { countOf } from '../../../../test/factories/metrics.js';
import { Counters } from '../health/counters.js';
import { ViewPictures } from './view-pictures.js';

function makePictures({ maxBytes = 1_000 } = {}) {
  const kept: string[] = [];
  const counters = new Counters();
  const pictures = new ViewPictures({
    maxBytes,
    counters,
    pictures: { keepLater: async ({ frameId }, bytes) => void kept.push(`${frameId} ${bytes.byteLength}`) },
  });
  const pass = (inspection: string, frameId: string, bytes: number): void =>
    pictures.hold(inspection, makeVerdict({ frameId, verdict: 'PASS' }), Buffer.alloc(bytes));
  return { pictures, kept, counters, pass };
}
const failed = (inspection: string) => makePart({ inspection, frames: [] });

describe('pictures of views that passed', () => {
  it('are kept, every one, where their part is rejected, and not where it passes', () => {
    const { pictures, kept, pass } = makePictures();
    pass('p1', 'top', 1);
    pass('p2', 'top-of-p2', 2);
    pass('p1', 'top-again', 3);
    pictures.settle({ ...failed('p2'), verdict: 'PASS' });
    pictures.settle(failed('p1'));
    pictures.settle(failed('p1'));
    pictures.settle(failed('p2'));
    assert.deepEqual(kept, ['top 1', 'top-again 3']);
  });

  it('are not those of a view that is a reject itself: its picture is kept already', () => {
    const { pictures, kept } = makePictures();
    pictures.hold('p1', makeVerdict({ verdict: 'FAIL' }), Buffer.alloc(1));
    pictures.settle(failed('p1'));
    assert.deepEqual(kept, []);
  });

  it('go with the verdict that the ledger refused', () => {
    const { pictures, kept, pass } = makePictures();
    pass('p1', 'top', 1);
    pictures.settle({ ...failed('p1'), recorded: false });
    pictures.settle(failed('p1'));
    assert.deepEqual(kept, []);
  });

  it('take no more memory than they may: the part that waits longest gives way, and that is counted', async () => {
    const { pictures, kept, counters, pass } = makePictures({ maxBytes: 10 });
    pass('p1', 'a', 4);
    pass('p1', 'b', 4);
    pass('p2', 'c', 2);
    pass('p3', 'd', 3);
    for (const inspection of ['p1', 'p2', 'p3']) pictures.settle(failed(inspection));
    assert.deepEqual(kept, ['c 2', 'd 3']);
    assert.equal(await countOf(counters, 'view_pictures_dropped'), 2);
    pass('p4', 'e', 10);
    pass('p5', 'f', 11);
    for (const inspection of ['p4', 'p5']) pictures.settle(failed(inspection));
    assert.deepEqual(kept.slice(2), [], 'one that never fits takes the others with it, and nothing stays behind');
    pass('p6', 'g', 10);
    pictures.settle(failed('p6'));
    assert.deepEqual(kept.slice(2), ['g 10']);
  });
});
