import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { makePicture } from '../../../../test/factories/labelled-pictures.js';
import { makeSurface } from '../../../../test/factories/surfaces.js';
import { lookAt } from './look.js';
import { findTwins } from './twins.js';

const all = { isNews: () => true };

async function twinsOf(pictures: readonly Buffer[]): Promise<string[]> {
  const seen = await Promise.all(pictures.map(lookAt));
  const twins = await findTwins(
    seen.map(({ thumbnail }) => thumbnail),
    all,
  );
  return twins.map(({ first, second, orientation }) => `${first} ${second} ${orientation}`);
}

const surfaces = Promise.all(Array.from({ length: 12 }, (_, seed) => makeSurface(seed)));

const copies: [string, (picture: Sharp) => Sharp, string][] = [
  ['re-encoded at quality 40', (picture) => picture.jpeg({ quality: 40 }), 'as it is'],
  ['resized to two thirds', (picture) => picture.resize(64, 64).png(), 'as it is'],
  ['enlarged', (picture) => picture.resize(200, 200).jpeg({ quality: 80 }), 'as it is'],
  ['a tenth brighter', (picture) => picture.linear(1.1, 0).png(), 'as it is'],
  ['mirrored', (picture) => picture.flop().jpeg(), 'mirrored'],
  ['upside down', (picture) => picture.flip().jpeg(), 'mirrored and turned by 180'],
  ['turned by 90 degrees', (picture) => picture.rotate(90).jpeg(), 'turned by 90'],
  ['turned by 180 degrees', (picture) => picture.rotate(180).jpeg(), 'turned by 180'],
  ['turned by 270 degrees', (picture) => picture.rotate(270).jpeg(), 'turned by 270'],
];

describe('twins', () => {
  for (const [name, change, orientation] of copies) {
    it(`are found though one is ${name}`, async () => {
      const pictures = await surfaces;
      const copy = await change(sharp(pictures[3])).toBuffer();
      assert.deepEqual(await twinsOf([...pictures, copy]), [`3 12 ${orientation}`]);
    });
  }

  it('are not seen in different parts that share one fixture', async () => {
    const fixture = await makeSurface(99);
    const parts = await Promise.all(
      (await surfaces).map(async (surface) =>
        sharp(fixture)
          .composite([{ input: await sharp(surface).resize(30, 30).png().toBuffer(), left: 33, top: 33 }])
          .png()
          .toBuffer(),
      ),
    );
    assert.deepEqual(await twinsOf(parts), []);
  });

  it('are not seen in parts of a rigid fixture that differ by a little, and a copy among them is', async () => {
    const fixture = await makeSurface(99);
    const parts = await Promise.all(
      (await surfaces).map(async (surface, i) => {
        const part = await sharp(surface).resize(40, 40).ensureAlpha(0.12).png().toBuffer();
        // Light changes a little from picture to picture.
        const light = 1 + (i % 5) / 100;
        return sharp(
          await sharp(fixture)
            .composite([{ input: part, left: 28, top: 28 }])
            .png()
            .toBuffer(),
        )
          .linear(light, 0)
          .png()
          .toBuffer();
      }),
    );
    assert.deepEqual(await twinsOf(parts), []);
    const copies = await Promise.all([
      sharp(parts[4]).jpeg({ quality: 90 }).toBuffer(),
      sharp(parts[7]).flop().jpeg({ quality: 90 }).toBuffer(),
    ]);
    assert.deepEqual(await twinsOf([...parts, ...copies]), ['4 12 as it is', '7 13 mirrored']);
  });

  it('are not seen where grain and broad shape are the same and what lies between is not', async () => {
    const pictures = await surfaces;
    const { data, info } = await sharp(pictures[3]).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
    const wave = (at: number): number => Math.cos((2 * Math.PI * (at + 0.5)) / 20);
    const { width, height } = info;
    const rippled = data.map((level, i) => level + Math.round(16 * wave(i % width) * wave(Math.floor(i / width))));
    const other = sharp(rippled, { raw: { width, height, channels: 1 } });
    assert.deepEqual(await twinsOf([...pictures, await other.png().toBuffer()]), []);
  });

  it('are not seen in blanks', async () => {
    assert.deepEqual(await twinsOf([await makePicture(1), await makePicture(2), await makePicture(3)]), []);
  });
});
