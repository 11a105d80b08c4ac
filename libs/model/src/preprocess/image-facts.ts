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
  let [dark, bright, sum, squares] = [0, 0, 0, 0];
  for (let tile = 0; tile < tiles; tile++) {
    const from = tile * width * height * 3;
    for (let i = 0, at = from; i < luma.length; i++, at += 3) {
      // ITU-R BT.601 luma in 8-bit fixed point.
      const level = (77 * (data[at] ?? 0) + 150 * (data[at + 1] ?? 0) + 29 * (data[at + 2] ?? 0)) >> 8;
      luma[i] = level;
      if (level <= DARK) dark++;
      else if (level >= BRIGHT) bright++;
    }
    for (let y = 1; y < height - 1; y++) {
      for (let i = y * width + 1, end = (y + 1) * width - 1; i < end; i++) {
        const beside = (luma[i - 1] ?? 0) + (luma[i + 1] ?? 0) + (luma[i - width] ?? 0) + (luma[i + width] ?? 0);
        const laplacian = 4 * (luma[i] ?? 0) - beside;
        sum += laplacian;
        squares += laplacian * laplacian;
      }
    }
  }
  const inner = tiles * (width - 2) * (height - 2);
  const pixels = tiles * luma.length;
  const mean = sum / inner;
  return { sharpness: squares / inner - mean * mean, darkShare: dark / pixels, brightShare: bright / pixels };
}
