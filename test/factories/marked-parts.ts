import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import sharp from 'sharp';

const MARK = 10;

/**
 * Fill `dir` with square pictures of grey noise, the same each time; half of the pictures carry a darker mark somewhere and
 * are defects. Two pictures to a part, parts to splits by their number.
 */
export async function makeMarkedParts(dir: string, { count, side }: { count: number; side: number }): Promise<void> {
  const random = xoroshiro128plus(7);
  const rows = ['path,label,part'];
  for (let i = 0; i < count; i++) {
    const isDefect = i % 4 >= 2;
    const pixels = Uint8Array.from({ length: side * side }, () => uniformInt(random, 96, 160));
    const [left, top] = [uniformInt(random, 0, side - MARK), uniformInt(random, 0, side - MARK)];
    for (let y = top; isDefect && y < top + MARK; y++) {
      for (let x = left; x < left + MARK; x++) pixels[y * side + x] = (pixels[y * side + x] ?? 0) - 48;
    }
    const path = `${isDefect ? 'defect' : 'good'}/${i}.png`;
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    const picture = sharp(pixels, { raw: { width: side, height: side, channels: 1 } });
    writeFileSync(join(dir, path), await picture.toColourspace('srgb').png().toBuffer());
    rows.push(`${path},${isDefect ? 'defect' : 'good'},part${Math.floor(i / 2)}`);
  }
  writeFileSync(join(dir, 'split.csv'), `${rows.join('\n')}\n`);
}
