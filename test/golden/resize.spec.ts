import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import { preparePicture } from '#model/preprocess/preprocess';

// Reference: Pillow 13.0.0, Image.resize with BILINEAR, BICUBIC and LANCZOS; three 32x32 pictures one below the other.
const GOLDEN = fileURLToPath(new URL('../../../test/golden/resize.golden.png', import.meta.url));
const SIDE = 32;
/** Levels apart: libvips resizes one axis after the other in 8 bits with fixed-point weights, Pillow keeps more. */
const MAX_OFF = 6;
const MEAN_OFF = 0.5;
const KERNELS = ['linear', 'cubic', 'lanczos3'] as const;

/** 112x90 picture of three crossed waves: 127.5 + 127 sin(x/a) cos(y/b + c), rounded half up, per channel. */
function waves(): Sharp {
  const [width, height] = [112, 90];
  const data = Buffer.alloc(width * height * 3);
  const channels = [
    [5, 7, 0],
    [11, 3, 1],
    [17, 13, 2],
  ] as const;
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    for (const [channel, [a, b, c]] of channels.entries()) {
      const value = Math.floor(127.5 + 127 * Math.sin(x / a) * Math.cos(y / b + c) + 0.5);
      data[i * 3 + channel] = Math.min(255, Math.max(0, value));
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

async function differences(
  bytes: Uint8Array,
  kernel: (typeof KERNELS)[number],
): Promise<{ max: number; mean: number }> {
  const reference = await sharp(GOLDEN).raw().toBuffer();
  const length = SIDE * SIDE * 3;
  const expected = reference.subarray(KERNELS.indexOf(kernel) * length);
  const { data } = await preparePicture(bytes, {
    preprocess: {
      frame: null,
      roi: null,
      tiles: { columns: 1, rows: 1 },
      resize: { width: SIDE, height: SIDE, policy: 'squash', kernel },
    },
    maxPixels: 1e6,
  });
  const off = Array.from(data, (value, i) => Math.abs(value - (expected[i] ?? Number.NaN)));
  return { max: Math.max(...off), mean: off.reduce((sum, value) => sum + value, 0) / length };
}

describe('the resize of a prepared picture', () => {
  for (const kernel of KERNELS) {
    it(`is Pillow's for ${kernel} but for rounding`, async () => {
      const { max, mean } = await differences(await waves().png().toBuffer(), kernel);
      assert.ok(max <= MAX_OFF && mean <= MEAN_OFF, `largest ${max}, mean ${mean}`);
    });
  }

  it('stays near it for a JPEG, which is shrunk while it is decoded', async () => {
    const bytes = await waves().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
    const { max, mean } = await differences(bytes, 'linear');
    assert.ok(max <= MAX_OFF && mean <= MEAN_OFF, `largest ${max}, mean ${mean}`);
  });
});
