import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { learnImageGate, refuseImage } from './image-gate.js';
import { type ImageFacts, measureImage } from './preprocess/image-facts.js';
import { preparePicture } from './preprocess/preprocess.js';
import { measureSharpness } from './preprocess/sharpness.js';

const SIDE = 64;
const PREPROCESS = {
  frame: null,
  roi: null,
  tiles: { columns: 2, rows: 1 },
  resize: { width: SIDE, height: SIDE, policy: 'squash', kernel: 'linear' },
} as const;

/** A board of grey squares between these levels, as a PNG. */
function makeBoard({ low = 60, high = 180, square = 4 } = {}): Sharp {
  const [width, height] = [2 * SIDE, SIDE];
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const isHigh = (Math.floor((i % width) / square) + Math.floor(i / width / square)) % 2 === 0;
    data.fill(isHigh ? high : low, i * 3, i * 3 + 3);
  }
  return sharp(data, { raw: { width, height, channels: 3 } }).png();
}

const measure = async (picture: Sharp): Promise<ImageFacts> =>
  measureImage(await preparePicture(await picture.toBuffer(), { preprocess: PREPROCESS, maxPixels: 1e6 }));
const reasonOf = async (picture: Sharp, gate: ReturnType<typeof learnImageGate>) =>
  refuseImage(await measure(picture), gate)?.reason ?? null;

describe('the image gate', () => {
  it('lets through what looks like the good pictures and refuses blur, darkness and glare', async () => {
    const gate = learnImageGate([await measure(makeBoard()), await measure(makeBoard({ low: 80, high: 190 }))]);
    assert.equal(gate.learntFrom, 2);
    const reasons = {
      same: await reasonOf(makeBoard(), gate),
      'a little softer': await reasonOf(makeBoard().blur(0.5), gate),
      blurred: await reasonOf(makeBoard().blur(4), gate),
      dark: await reasonOf(makeBoard({ low: 0, high: 6 }), gate),
      'lamp off on one side': await reasonOf(makeBoard({ low: 2, high: 180 }), gate),
      glare: await reasonOf(makeBoard({ low: 250, high: 255 }), gate),
    };
    assert.deepEqual(reasons, {
      same: null,
      'a little softer': null,
      blurred: 'IMAGE_BLUR',
      dark: 'IMAGE_EXPOSURE',
      'lamp off on one side': 'IMAGE_EXPOSURE',
      glare: 'IMAGE_EXPOSURE',
    });
  });

  it('measures levels and shares: a board of black and white is half dark, half bright and very sharp', async () => {
    const { sharpness, darkShare, brightShare } = await measure(makeBoard({ low: 0, high: 255 }));
    assert.deepEqual([darkShare, brightShare], [0.5, 0.5]);
    assert.ok(sharpness > 20_000, `${sharpness}`);
    assert.equal((await measure(makeBoard({ low: 90, high: 90 }))).sharpness, 0);
  });

  it('takes the variance of the Laplacian for sharpness, over all tiles, borders left out', () => {
    // One dot of 10: the Laplacian is 40 on it, -10 on its four neighbours and 0 on the other four inner pixels.
    const dot = Uint8Array.from({ length: 25 }, (_, i) => (i === 12 ? 10 : 0));
    const size = { width: 5, height: 5 };
    assert.equal(measureSharpness({ data: dot, tiles: 1, ...size }), 2_000 / 9);
    const blankToo = Uint8Array.from([...dot, ...dot.map(() => 200)]);
    assert.equal(measureSharpness({ data: blankToo, tiles: 2, ...size }), 2_000 / 18);
    assert.equal(measureSharpness({ data: dot, tiles: 1, width: 2, height: 2 }), 0);
  });

  it('a camera whose good pictures are half black is not refused for it', async () => {
    const gate = learnImageGate([{ sharpness: 100, darkShare: 0.5, brightShare: 0 }]);
    assert.equal(refuseImage({ sharpness: 100, darkShare: 0.6, brightShare: 0 }, gate), null);
    assert.equal(refuseImage({ sharpness: 100, darkShare: 0.8, brightShare: 0 }, gate)?.reason, 'IMAGE_EXPOSURE');
    assert.match(
      refuseImage({ sharpness: 40, darkShare: 0, brightShare: 0 }, gate)?.message ?? '',
      /sharpness 40\.0.*50\.0/,
    );
  });

  it('takes the darkest, brightest and softest of the good pictures as still good', () => {
    const gate = learnImageGate([
      { sharpness: 100, darkShare: 0.5, brightShare: 0 },
      { sharpness: 400, darkShare: 0, brightShare: 0.4 },
    ]);
    assert.equal(refuseImage({ sharpness: 100, darkShare: 0.5, brightShare: 0.4 }, gate), null);
  });

  it('NO_GOOD_PICTURES: there is nothing to learn from', () => {
    assert.throws(() => learnImageGate([]), { code: 'NO_GOOD_PICTURES' });
  });
});
