import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import sharp, { type Sharp } from 'sharp';
import type { Condition } from '#contracts';
import type { Prepared } from '#model/preprocess/preprocess';

/** Changes every tile of a picture, which is [tiles, height, width, 3] as the network reads it. */
type Change = (picture: Prepared, index: number) => Promise<Uint8Array>;

export interface Perturbation extends Pick<Condition, 'kind' | 'strength'> {
  readonly change: Change;
}

/** Seed of the noise: the same report, the same noise. */
const NOISE_SEED = 20;

/**
 * Disturbances as a line brings them, each in several strengths, on the picture as the network reads it: out of focus
 * (Gaussian, pixels), sensor noise (Gaussian, grey levels), lamps that age (factor), compression, a part that lies
 * elsewhere (share of the side; the border repeats). After Hendrycks & Dietterich (ICLR 2019), milder: a plant looks at
 * its cameras.
 */
export function perturbations(): Perturbation[] {
  const noise = noiseField();
  return [
    ...[1, 2, 3].map((sigma) =>
      one(
        'blur',
        `${sigma} px`,
        eachTile((tile) => tile.blur(sigma)),
      ),
    ),
    ...[5, 10, 20].map((levels) => one('noise', `${levels} levels`, addNoise(noise, levels))),
    ...[0.6, 0.8, 1.25, 1.6].map((factor) =>
      one(
        'exposure',
        `× ${factor}`,
        eachTile((tile) => tile.linear(factor, 0)),
      ),
    ),
    ...[50, 25, 10].map((quality) => one('jpeg', `quality ${quality}`, compress(quality))),
    ...[0.02, 0.05, 0.1].map((share) => one('shift', `${Math.round(share * 100)} %`, shift(share))),
  ];
}

function one(kind: Condition['kind'], strength: string, change: Change): Perturbation {
  return { kind, strength, change };
}

function eachTile(alter: (tile: Sharp) => Sharp): Change {
  return async (picture) => {
    const tiles = tilesOf(picture).map((data) => alter(open(data, picture)).raw().toBuffer());
    return Buffer.concat(await Promise.all(tiles));
  };
}

function compress(quality: number): Change {
  return async (picture) => {
    const tiles = tilesOf(picture).map(async (data) =>
      sharp(await open(data, picture).jpeg({ quality }).toBuffer())
        .raw()
        .toBuffer(),
    );
    return Buffer.concat(await Promise.all(tiles));
  };
}

function shift(share: number): Change {
  return async ({ data, tiles, width, height }) => {
    const [dx, dy] = [Math.max(1, Math.round(share * width)), Math.max(1, Math.round(share * height))];
    const moved = new Uint8Array(data.length);
    const line = 3 * width;
    for (let row = 0; row < tiles * height; row++) {
      const top = row - (row % height);
      const from = (top + Math.max(0, (row % height) - dy)) * line;
      const border = data.subarray(from, from + 3);
      for (let x = 0; x < dx; x++) moved.set(border, row * line + 3 * x);
      moved.set(data.subarray(from, from + line - 3 * dx), row * line + 3 * dx);
    }
    return moved;
  };
}

function addNoise(field: Float32Array, levels: number): Change {
  return async ({ data }, index) => {
    const noisy = new Uint8ClampedArray(data.length);
    // Every picture reads the field from elsewhere: drawing normal numbers is slower than the network.
    let at = (index * 7_919) % field.length;
    for (let i = 0; i < noisy.length; i++) {
      noisy[i] = Math.round((data[i] as number) + levels * (field[at] as number));
      at = at + 1 === field.length ? 0 : at + 1;
    }
    return new Uint8Array(noisy.buffer);
  };
}

/** Standard normal numbers (Box & Muller 1958); a prime count, so that rows of pictures do not line up with it. */
function noiseField(): Float32Array {
  const random = xoroshiro128plus(NOISE_SEED);
  return Float32Array.from({ length: 99_991 }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(random)));
    return radius * Math.cos(2 * Math.PI * uniformFloat64(random));
  });
}

function tilesOf({ data, tiles }: Prepared): Uint8Array[] {
  const bytes = data.length / tiles;
  return Array.from({ length: tiles }, (_, i) => data.subarray(i * bytes, (i + 1) * bytes));
}

function open(data: Uint8Array, { width, height }: Prepared): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}
