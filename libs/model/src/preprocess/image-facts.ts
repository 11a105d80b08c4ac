import type { Prepared } from './preprocess.js';

/** Luma at or below this holds no detail any more, and at or above the other neither (8 bits, noise and JPEG included). */
const DARK = 8;
const BRIGHT = 247;

/** How usable a picture is, measured on the pixels that the network reads. */
export interface ImageFacts {
  /** Variance of the luma's Laplacian, in squared levels of 0..255: falls when the picture loses focus. */
  readonly sharpness: number;
  /** Share of pixels without detail because they are too dark, 0..1. */
  readonly darkShare: number;
  /** Share of pixels without detail because they are too bright, 0..1. */
  readonly brightShare: number;
}

/**
 * Measure sharpness and exposure of a prepared picture, over all its tiles together. Sharpness is the variance of the
 * 4-neighbour Laplacian (Pech-Pacheco et al., Diatom autofocusing in brightfield microscopy, ICPR 2000, LAP4).
 */
export function measureImage({ data, tiles, width, height }: Prepared): ImageFacts {
  const luma = new Uint8Array(width * height);
  const at = (i: number): number => luma[i] as number;
  let dark = 0;
  let bright = 0;
  let sum = 0;
  let squares = 0;
  for (let tile = 0; tile < tiles; tile++) {
    let from = tile * width * height * 3;
    for (let i = 0; i < luma.length; i++, from += 3) {
      // ITU-R BT.601 luma in 8-bit fixed point.
      const rgb = 77 * (data[from] as number) + 150 * (data[from + 1] as number) + 29 * (data[from + 2] as number);
      const level = rgb >> 8;
      luma[i] = level;
      if (level <= DARK) dark++;
      else if (level >= BRIGHT) bright++;
    }
    for (let y = 1; y < height - 1; y++) {
      // Sums of a row are small integers, which a processor adds faster than the large ones over all rows.
      let rowSum = 0;
      let rowSquares = 0;
      for (let i = y * width + 1, end = (y + 1) * width - 1; i < end; i++) {
        const laplacian = 4 * at(i) - at(i - 1) - at(i + 1) - at(i - width) - at(i + width);
        rowSum += laplacian;
        rowSquares += laplacian * laplacian;
      }
      sum += rowSum;
      squares += rowSquares;
    }
  }
  const inner = tiles * (width - 2) * (height - 2);
  const pixels = tiles * luma.length;
  const mean = sum / inner;
  return { sharpness: squares / inner - mean * mean, darkShare: dark / pixels, brightShare: bright / pixels };
}
