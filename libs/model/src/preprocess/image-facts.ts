import type { Prepared } from './preprocess.js';
import { measureSharpness } from './sharpness.js';

/** Luma at or below this holds no detail any more, and at or above the other neither (8 bits, noise and JPEG included). */
const DARK = 8;
const BRIGHT = 247;

/** How usable a picture is, measured on the pixels that the network reads. */
export interface ImageFacts {
  /** Of the luma, as `measureSharpness` says. */
  readonly sharpness: number;
  /** Share of pixels without detail because they are too dark, 0..1. */
  readonly darkShare: number;
  /** Share of pixels without detail because they are too bright, 0..1. */
  readonly brightShare: number;
}

/** Measure sharpness and exposure of a prepared picture, over all its tiles together. */
export function measureImage({ data, tiles, width, height }: Prepared): ImageFacts {
  const pixels = tiles * width * height;
  const luma = new Uint8Array(pixels);
  let dark = 0;
  let bright = 0;
  for (let i = 0, from = 0; i < pixels; i++, from += 3) {
    // ITU-R BT.601 luma in 8-bit fixed point.
    const rgb = 77 * (data[from] as number) + 150 * (data[from + 1] as number) + 29 * (data[from + 2] as number);
    const level = rgb >> 8;
    luma[i] = level;
    if (level <= DARK) dark++;
    else if (level >= BRIGHT) bright++;
  }
  return {
    sharpness: measureSharpness({ data: luma, tiles, width, height }),
    darkShare: dark / pixels,
    brightShare: bright / pixels,
  };
}
