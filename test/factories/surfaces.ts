import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import sharp from 'sharp';

const SPOTS = 11;

/** A PNG of an uneven surface with some grain, `side` pixels square: another seed, another surface. */
export async function makeSurface(seed: number, side = 96): Promise<Buffer> {
  const random = xoroshiro128plus(seed + 1);
  const noise = (cells: number, spread: number): Uint8Array =>
    Uint8Array.from({ length: cells * cells }, () => uniformInt(random, 128 - spread, 128 + spread));
  const enlarge = (data: Uint8Array, cells: number): Promise<Buffer> =>
    sharp(data, { raw: { width: cells, height: cells, channels: 1 } })
      .resize(side, side, { kernel: 'cubic' })
      .extractChannel(0)
      .raw()
      .toBuffer();
  const [broad, grain] = [await enlarge(noise(SPOTS, 90), SPOTS), await enlarge(noise(side / 3, 10), side / 3)];
  const pixels = broad.map((level, i) => Math.max(0, Math.min(255, level + (grain[i] ?? 0) - 128)));
  return sharp(pixels, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toBuffer();
}
