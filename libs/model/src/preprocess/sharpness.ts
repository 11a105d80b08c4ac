/** Grey levels 0..255 of pictures of one size, [tiles, height, width]. */
export interface GreyTiles {
  readonly data: Uint8Array;
  readonly tiles: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Sharpness over all tiles together: the variance of the 4-neighbour Laplacian, in squared levels (Pech-Pacheco et al.,
 * Diatom autofocusing in brightfield microscopy, ICPR 2000, LAP4). It falls when a picture loses focus.
 * @returns 0 where the picture is too small to have inner pixels
 */
export function measureSharpness({ data, tiles, width, height }: GreyTiles): number {
  let sum = 0;
  let squares = 0;
  for (let tile = 0; tile < tiles; tile++) {
    for (let y = 1; y < height - 1; y++) {
      // Sums of a row are small integers, which a processor adds faster than the large ones over all rows.
      let rowSum = 0;
      let rowSquares = 0;
      const row = (tile * height + y) * width;
      let left = data[row] as number;
      let here = data[row + 1] as number;
      for (let i = row + 1, end = row + width - 1; i < end; i++) {
        const right = data[i + 1] as number;
        const laplacian = 4 * here - left - right - (data[i - width] as number) - (data[i + width] as number);
        rowSum += laplacian;
        rowSquares += laplacian * laplacian;
        left = here;
        here = right;
      }
      sum += rowSum;
      squares += rowSquares;
    }
  }
  const inner = tiles * Math.max(0, width - 2) * Math.max(0, height - 2);
  if (inner === 0) return 0;
  const mean = sum / inner;
  return squares / inner - mean * mean;
}
