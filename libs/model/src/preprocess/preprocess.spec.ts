import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Color, type Sharp } from 'sharp';
import type { Preprocess } from '../card.js';
import { limitPictureThreads, PAD_LEVEL } from './decode.js';
import { type Prepared, preparePicture } from './preprocess.js';

const MAX_PIXELS = 4_000_000;
const RED = [200, 30, 20] as const;
const GREEN = [20, 180, 40] as const;
const BLUE = [30, 40, 210] as const;
const WHITE = [240, 240, 240] as const;
type Colour = readonly [number, number, number];

function card(change: Partial<Preprocess> = {}): Preprocess {
  return {
    frame: null,
    roi: null,
    tiles: { columns: 1, rows: 1 },
    resize: { width: 32, height: 32, policy: 'squash', kernel: 'linear' },
    ...change,
  };
}

/** RGB picture, top left red, top right green, bottom left blue, bottom right white. */
function quadrants(width: number, height: number): Buffer {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = y < height / 2 ? (x < width / 2 ? RED : GREEN) : x < width / 2 ? BLUE : WHITE;
      data.set(colour, (y * width + x) * 3);
    }
  }
  return data;
}

function picture(width: number, height: number, data = quadrants(width, height)): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Quadrants as a camera held at this orientation stores them: which side its first row and column are, EXIF 2.3, tag 0x0112. */
function storedAs(orientation: number, { width, height }: { width: number; height: number }) {
  const upright = quadrants(width, height);
  const isTurned = orientation >= 5;
  const stored = isTurned ? { width: height, height: width } : { width, height };
  const data = Buffer.alloc(upright.byteLength);
  for (let y = 0; y < stored.height; y++) {
    for (let x = 0; x < stored.width; x++) {
      const [across, down] = isTurned ? [y, x] : [x, y];
      const left = [2, 3, 6, 7].includes(orientation) ? width - 1 - across : across;
      const top = [3, 4, 7, 8].includes(orientation) ? height - 1 - down : down;
      upright.copy(data, (y * stored.width + x) * 3, (top * width + left) * 3, (top * width + left) * 3 + 3);
    }
  }
  return { ...stored, data };
}

function flat(width: number, height: number, background: Color): Sharp {
  return sharp({ create: { width, height, channels: 3, background } });
}

function prepare(bytes: Uint8Array, preprocess = card()): Promise<Prepared> {
  return preparePicture(bytes, { preprocess, maxPixels: MAX_PIXELS });
}

function pixel(prepared: Prepared, at: { tile?: number; x: number; y: number }): Colour {
  const { data, width, height } = prepared;
  const from = (((at.tile ?? 0) * height + at.y) * width + at.x) * 3;
  return [data[from] ?? -1, data[from + 1] ?? -1, data[from + 2] ?? -1];
}

function assertColour(actual: Colour, expected: Colour, tolerance = 6): void {
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - (expected[i] ?? 0))));
  assert.ok(worst <= tolerance, `expected about ${expected}, got ${actual}`);
}

/** Middle of each quadrant, clear of the resampled seams. */
function assertQuadrants(prepared: Prepared, tolerance?: number): void {
  const { width, height } = prepared;
  const [near, far] = [0.25, 0.75];
  for (const [fx, fy, colour] of [
    [near, near, RED],
    [far, near, GREEN],
    [near, far, BLUE],
    [far, far, WHITE],
  ] as const) {
    assertColour(pixel(prepared, { x: Math.floor(fx * width), y: Math.floor(fy * height) }), colour, tolerance);
  }
}

function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.byteLength);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** A PNG whose header promises any size over a few bytes of pixels: what a decompression bomb looks like. */
function pngPromising(width: number, height: number, extra: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    extra,
    pngChunk('IDAT', deflateSync(Buffer.alloc(64))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

const remark = (text: string): Buffer => pngChunk('tEXt', Buffer.from(`Comment\0${text}`, 'latin1'));

const fails = (code: string, message: RegExp) => ({ name: 'InputError', code, message });

before(() => limitPictureThreads(1));

describe('preparePicture reads', () => {
  it('a PNG of the right size pixel for pixel', async () => {
    const prepared = await prepare(await picture(32, 32).png().toBuffer());
    assert.deepEqual(Buffer.from(prepared.data), quadrants(32, 32));
    assert.deepEqual([prepared.tiles, prepared.width, prepared.height], [1, 32, 32]);
    assert.deepEqual([prepared.frameWidth, prepared.frameHeight], [32, 32]);
  });

  for (const [name, encode] of [
    ['a baseline JPEG', (p: Sharp) => p.jpeg({ quality: 95 })],
    ['a progressive JPEG', (p: Sharp) => p.jpeg({ quality: 95, progressive: true })],
    ['a PNG', (p: Sharp) => p.png()],
    ['a palette PNG', (p: Sharp) => p.png({ palette: true })],
    ['an interlaced PNG', (p: Sharp) => p.png({ progressive: true })],
    ['a 16-bit PNG', (p: Sharp) => p.toColourspace('rgb16').png()],
    ['a PNG with an opaque alpha channel', (p: Sharp) => p.ensureAlpha().png()],
    ['a picture with a colour profile', (p: Sharp) => p.withIccProfile('p3').png()],
  ] as const) {
    it(`${name} in its true colours`, async () => {
      assertQuadrants(await prepare(await encode(picture(640, 480)).toBuffer()));
    });
  }

  it('a PNG whose remark speaks of acTL: that alone is no animation', async () => {
    const png = await picture(32, 32).png().toBuffer();
    const header = 8 + 25;
    const bytes = Buffer.concat([png.subarray(0, header), remark('no acTL here'), png.subarray(header)]);
    assert.deepEqual(Buffer.from((await prepare(bytes)).data), quadrants(32, 32));
  });

  it('a CMYK JPEG in nearly its true colours', async () => {
    // Muted, because print shows neither saturated nor deep dark colours: their way there and back is not the decoder's doing.
    for (const [r, g, b] of [
      [150, 100, 90],
      [90, 120, 100],
      [100, 110, 140],
      [240, 240, 240],
    ] as const) {
      const bytes = await flat(64, 64, { r, g, b }).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
      assert.equal((await sharp(bytes).metadata()).space, 'cmyk');
      assertColour(pixel(await prepare(bytes), { x: 16, y: 16 }), [r, g, b], 12);
    }
  });

  it('grey pictures, 8 and 16 bits, as three equal channels', async () => {
    const eight = await flat(64, 64, { r: 90, g: 90, b: 90 }).toColourspace('b-w').png().toBuffer();
    const jpeg = await flat(64, 64, { r: 90, g: 90, b: 90 }).toColourspace('b-w').jpeg({ quality: 95 }).toBuffer();
    const sixteen = await sharp(new Uint16Array(64 * 64).fill(90 * 257), {
      raw: { width: 64, height: 64, channels: 1 },
    })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    assert.equal((await sharp(sixteen).metadata()).depth, 'ushort');
    for (const bytes of [eight, jpeg, sixteen]) {
      const prepared = await prepare(bytes);
      assert.equal(prepared.data.byteLength, 32 * 32 * 3);
      assertColour(pixel(prepared, { x: 16, y: 16 }), [90, 90, 90], 1);
    }
  });

  it('what is transparent as the level of the letterbox border', async () => {
    const clear = sharp({
      create: { width: 64, height: 64, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } },
    });
    const prepared = await prepare(await clear.png().toBuffer());
    assertColour(pixel(prepared, { x: 16, y: 16 }), [PAD_LEVEL, PAD_LEVEL, PAD_LEVEL], 1);
  });

  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(`a JPEG of EXIF orientation ${orientation} upright`, async () => {
      const stored = storedAs(orientation, { width: 640, height: 480 });
      const pixels = await picture(stored.width, stored.height, stored.data).png().toBuffer();
      const bytes = await sharp(pixels).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
      const prepared = await prepare(bytes);
      assert.deepEqual([prepared.frameWidth, prepared.frameHeight], [640, 480]);
      assertQuadrants(prepared);
    });
  }

  it('the same bytes to the same pixels every time', async () => {
    const bytes = await picture(641, 479).jpeg({ quality: 80 }).toBuffer();
    const [first, second] = [await prepare(bytes), await prepare(bytes)];
    assert.deepEqual(first.data, second.data);
  });

  it('bytes that are a view into a larger buffer', async () => {
    const bytes = await picture(64, 64).png().toBuffer();
    const packet = Buffer.concat([Buffer.from('header'), bytes, Buffer.from('tail')]);
    assertQuadrants(await prepare(packet.subarray(6, 6 + bytes.byteLength)));
  });
});

describe('preparePicture cuts', () => {
  it('the card region, and a recipe region instead of it', async () => {
    const bytes = await picture(200, 100).png().toBuffer();
    const preprocess = card({ roi: { x: 0, y: 0, width: 100, height: 50 } });
    assertColour(pixel(await prepare(bytes, preprocess), { x: 16, y: 16 }), RED);
    const roi = { x: 100, y: 50, width: 100, height: 50 };
    const other = await preparePicture(bytes, { preprocess, roi, maxPixels: MAX_PIXELS });
    assertColour(pixel(other, { x: 16, y: 16 }), WHITE);
    assert.deepEqual([other.frameWidth, other.frameHeight], [200, 100]);
  });

  it('the region from the upright picture, not from the stored one', async () => {
    const stored = await picture(200, 100).rotate(270).png().toBuffer();
    const bytes = await sharp(stored).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
    const prepared = await prepare(bytes, card({ roi: { x: 120, y: 5, width: 60, height: 40 } }));
    assertColour(pixel(prepared, { x: 16, y: 16 }), GREEN);
  });

  it('tiles row by row from the top left', async () => {
    const prepared = await prepare(
      await picture(128, 64).png().toBuffer(),
      card({ tiles: { columns: 4, rows: 2 }, resize: { width: 32, height: 32, policy: 'squash', kernel: 'linear' } }),
    );
    assert.equal(prepared.tiles, 8);
    assert.equal(prepared.data.byteLength, 8 * 32 * 32 * 3);
    const colours = [RED, RED, GREEN, GREEN, BLUE, BLUE, WHITE, WHITE];
    for (const [tile, colour] of colours.entries()) {
      for (const [x, y] of [
        [0, 0],
        [31, 0],
        [0, 31],
        [31, 31],
      ] as const) {
        assertColour(pixel(prepared, { tile, x, y }), colour, 0);
      }
    }
  });

  it('tiles of one column as well', async () => {
    const prepared = await prepare(await picture(64, 64).png().toBuffer(), card({ tiles: { columns: 1, rows: 2 } }));
    assertColour(pixel(prepared, { tile: 0, x: 4, y: 16 }), RED);
    assertColour(pixel(prepared, { tile: 1, x: 28, y: 16 }), WHITE);
  });

  it('no stripe between tiles under the crop policy', async () => {
    // A white line in the middle of 100x50 must survive at the seam of two square tiles.
    const data = Buffer.alloc(100 * 50 * 3);
    for (let y = 0; y < 50; y++) data.fill(255, (y * 100 + 49) * 3, (y * 100 + 51) * 3);
    const prepared = await prepare(
      await picture(100, 50, data).png().toBuffer(),
      card({ tiles: { columns: 2, rows: 1 }, resize: { width: 40, height: 40, policy: 'crop', kernel: 'linear' } }),
    );
    assert.ok((pixel(prepared, { tile: 0, x: 39, y: 20 })[0] ?? 0) > 150);
    assert.ok((pixel(prepared, { tile: 1, x: 0, y: 20 })[0] ?? 0) > 150);
  });
});

describe('preparePicture resizes', () => {
  const resize = { width: 64, height: 64, kernel: 'linear' } as const;

  it('by squash to the whole picture', async () => {
    assertQuadrants(
      await prepare(await picture(256, 128).png().toBuffer(), card({ resize: { ...resize, policy: 'squash' } })),
    );
  });

  it('by letterbox with grey borders and the true aspect', async () => {
    const prepared = await prepare(
      await picture(256, 128).png().toBuffer(),
      card({ resize: { ...resize, policy: 'letterbox' } }),
    );
    assertColour(pixel(prepared, { x: 32, y: 4 }), [PAD_LEVEL, PAD_LEVEL, PAD_LEVEL], 0);
    assertColour(pixel(prepared, { x: 32, y: 60 }), [PAD_LEVEL, PAD_LEVEL, PAD_LEVEL], 0);
    assertColour(pixel(prepared, { x: 8, y: 22 }), RED);
    assertColour(pixel(prepared, { x: 56, y: 42 }), WHITE);
  });

  it('by crop to the middle of the picture', async () => {
    const prepared = await prepare(
      await picture(256, 128).png().toBuffer(),
      card({ resize: { ...resize, policy: 'crop' } }),
    );
    assertQuadrants(prepared);
    // The outer quarter of the width is gone: a mark there must not be seen.
    const data = quadrants(256, 128);
    for (let y = 0; y < 128; y++) data.fill(0, y * 256 * 3, (y * 256 + 40) * 3);
    const marked = await prepare(
      await picture(256, 128, data).png().toBuffer(),
      card({ resize: { ...resize, policy: 'crop' } }),
    );
    assert.deepEqual(marked.data, prepared.data);
  });

  it('up as well as down', async () => {
    assertQuadrants(await prepare(await picture(10, 8).png().toBuffer()));
  });
});

describe('preparePicture refuses', () => {
  const badInputs: [name: string, make: () => Promise<Uint8Array>, message: RegExp][] = [
    ['no bytes', async () => new Uint8Array(0), /empty/],
    ['text', async () => Buffer.from('hello, camera'), /neither JPEG nor PNG/],
    ['zeros', async () => Buffer.alloc(100_000), /neither JPEG nor PNG/],
    ['a GIF', () => flat(32, 32, 'red').gif().toBuffer(), /neither JPEG nor PNG/],
    ['a WebP', () => flat(32, 32, 'red').webp().toBuffer(), /neither JPEG nor PNG/],
    ['a TIFF', () => flat(32, 32, 'red').tiff().toBuffer(), /neither JPEG nor PNG/],
    ['an SVG', async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), /neither/],
    ['a JPEG marker alone', async () => Buffer.from([0xff, 0xd8, 0xff, 0xe0]), /found a broken header/],
    ['a PNG signature alone', async () => pngPromising(8, 8).subarray(0, 8), /found a broken header/],
    ['a JPEG cut in half', async () => half(await picture(640, 480).jpeg().toBuffer()), /cut short or damaged/],
    ['a PNG cut in half', async () => half(await picture(640, 480).png().toBuffer()), /cut short or damaged/],
    [
      'a JPEG without its last tenth',
      async () => {
        const bytes = await picture(640, 480).jpeg().toBuffer();
        return bytes.subarray(0, Math.floor(bytes.byteLength * 0.9));
      },
      /cut short or damaged/,
    ],
    ['a PNG with too few pixels', async () => pngPromising(64, 64), /cut short or damaged/],
    [
      'a PNG with flipped bits',
      async () => {
        const bytes = await picture(640, 480).png({ compressionLevel: 0 }).toBuffer();
        bytes.fill(0x55, 2_000, 2_100);
        return bytes;
      },
      /cut short or damaged/,
    ],
    ['an animated PNG', async () => pngPromising(8, 8, pngChunk('acTL', Buffer.alloc(8))), /animated/],
    [
      'an animated PNG whose remark speaks of IDAT',
      async () => pngPromising(8, 8, Buffer.concat([remark('has IDAT inside'), pngChunk('acTL', Buffer.alloc(8))])),
      /animated/,
    ],
  ];
  for (const [name, make, message] of badInputs) {
    it(`${name} as FRAME_DECODE`, async () => {
      const bytes = await make();
      await assert.rejects(prepare(bytes), fails('FRAME_DECODE', message));
    });
  }

  it('a decompression bomb by its header, before any pixel is decoded', async () => {
    // Neither picture has pixels to decode: a decoder that had begun would have said FRAME_DECODE.
    const jpeg = await flat(16, 16, 'red').jpeg().toBuffer();
    const sizeAt = jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5;
    jpeg.writeUInt16BE(65_000, sizeAt);
    jpeg.writeUInt16BE(65_000, sizeAt + 2);
    for (const bytes of [pngPromising(60_000, 60_000), pngPromising(2_000_000, 3), jpeg]) {
      await assert.rejects(prepare(bytes), fails('FRAME_TOO_LARGE', /expected at most 4000000 pixels/));
    }
  });

  it('one pixel row above the limit and accepts the limit itself', async () => {
    const bytes = await flat(100, 50, 'red').png().toBuffer();
    await preparePicture(bytes, { preprocess: card(), maxPixels: 5_000 });
    await assert.rejects(
      preparePicture(bytes, { preprocess: card(), maxPixels: 4_999 }),
      fails('FRAME_TOO_LARGE', /100x50 = 5000/),
    );
  });

  it('a frame of another size than the card says, judged upright', async () => {
    const preprocess = card({ frame: { width: 200, height: 100 } });
    const stored = await picture(100, 200).jpeg().toBuffer();
    await assert.rejects(prepare(stored, preprocess), fails('IMAGE_SIZE', /expected 200x100, got 100x200/));
    const turned = await sharp(stored).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    assert.equal((await prepare(turned, preprocess)).frameWidth, 200);
  });

  it('a region outside of the picture', async () => {
    const bytes = await picture(100, 100).png().toBuffer();
    const preprocess = card({ roi: { x: 50, y: 50, width: 51, height: 50 } });
    await assert.rejects(prepare(bytes, preprocess), fails('IMAGE_SIZE', /51x50 at 50,50 does not fit/));
  });
});

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.byteLength >> 1);
}
