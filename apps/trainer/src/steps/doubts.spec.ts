import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sample } from '#model/dataset/sample';
import { describeShrunk } from './doubts.js';

const NETWORK = {
  roi: null,
  tiles: { columns: 1, rows: 1 },
  resize: { width: 224, height: 224, policy: 'squash', kernel: 'linear' },
} as const;

function picture(width: number, height: number): Sample {
  const look = { width, height, format: 'png', peak: null, exposure: 128, contrast: 40, sharpness: 90 };
  return { path: 'a.png', file: 'a.png', label: 'good', split: 'train', group: null, lot: null, part: null, look };
}

describe('a doubt about pictures that come much smaller', () => {
  it('names size, factor and tiles that would do', () => {
    assert.deepEqual(describeShrunk([picture(200, 200), picture(1280, 1024), picture(1000, 1000)], NETWORK), [
      "2 pictures come to the network up to 5.7 times smaller (1280x1024 as 224x224), so a defect of 20 pixels is 4 there: where yours are small cut out the part (roi) or look at tiles, --set 'tiles={columns: 4, rows: 4}', which cost the line 16 times what one does",
    ]);
  });

  it('is raised by tiles that are too few for what tiles are for', () => {
    const [doubt] = describeShrunk([picture(1280, 1024)], { ...NETWORK, tiles: { columns: 2, rows: 2 } });
    assert.match(
      doubt ?? '',
      /^1 picture comes to the network up to 2\.9 times smaller \(1280x1024 as 448x448\).*more tiles.*columns: 4, rows: 4/,
    );
  });

  it('is not raised by a small camera, by a region, by tiles enough, or where no more tiles can be had', () => {
    const large = [picture(1280, 1024)];
    assert.deepEqual(describeShrunk([picture(640, 480), picture(64, 64)], NETWORK), []);
    assert.deepEqual(describeShrunk(large, { ...NETWORK, roi: { x: 400, y: 300, width: 500, height: 400 } }), []);
    assert.deepEqual(describeShrunk(large, { ...NETWORK, tiles: { columns: 3, rows: 3 } }), []);
    assert.deepEqual(describeShrunk([picture(9000, 9000)], { ...NETWORK, tiles: { columns: 8, rows: 8 } }), []);
  });
});
