import { InputError, type Region } from '#contracts';
import type { Preprocess } from '../card.js';
import { decodePicture } from './decode.js';
import { type PictureSize, readHeader } from './header.js';

/** Pixels ready for the graph's input: uint8 RGB, [tiles, height, width, 3]. */
export interface Prepared {
  /** tiles x height x width x 3 bytes; tiles row by row from the top left. */
  readonly data: Uint8Array;
  readonly tiles: number;
  readonly width: number;
  readonly height: number;
  /** Size of the whole upright picture. */
  readonly frameWidth: number;
  readonly frameHeight: number;
}

export interface PrepareOptions {
  readonly preprocess: Preprocess;
  /** Region of this recipe and camera; replaces the card's. null or absent = the card's. */
  readonly roi?: Region | null;
  /** Pictures with more pixels are refused before decoding. */
  readonly maxPixels: number;
}

/**
 * From an encoded picture to the network's input: orientation, region of interest, resize by the card's policy to a
 * canvas of columns x rows tiles, cut into tiles. Training and line both call this function, so their pixels are equal.
 * The policy acts on the whole region: `crop` loses its outer margin only, never a stripe between two tiles.
 * @throws InputError FRAME_DECODE (empty, wrong format, animated, broken), FRAME_TOO_LARGE (more than `maxPixels`),
 *   IMAGE_SIZE (not the card's frame size, or the region does not fit)
 */
export async function preparePicture(bytes: Uint8Array, options: PrepareOptions): Promise<Prepared> {
  const { preprocess, maxPixels } = options;
  const { tiles: grid, resize } = preprocess;
  const frame = await readHeader(bytes, maxPixels);
  const roi = options.roi ?? preprocess.roi;
  const misfit = misfitOf(frame, { frame: preprocess.frame, roi });
  if (misfit !== null) {
    throw new InputError(
      'IMAGE_SIZE',
      `Picture has the wrong size: ${misfit}. Set the camera to the size the model was trained for, or correct the region.`,
    );
  }
  const region = roi ?? { x: 0, y: 0, width: frame.width, height: frame.height };
  const canvas = await decodePicture(bytes, {
    region,
    isWhole: region.width === frame.width && region.height === frame.height,
    width: resize.width * grid.columns,
    height: resize.height * grid.rows,
    policy: resize.policy,
    kernel: resize.kernel,
  });
  return {
    data: cutTiles(canvas, preprocess),
    tiles: grid.columns * grid.rows,
    width: resize.width,
    height: resize.height,
    frameWidth: frame.width,
    frameHeight: frame.height,
  };
}

/** What keeps pictures of a size from being prepared, in a few words; null = nothing. */
export function misfitOf(
  { width, height }: PictureSize,
  { frame, roi }: Pick<Preprocess, 'frame' | 'roi'>,
): string | null {
  if (frame !== null && (frame.width !== width || frame.height !== height))
    return `expected ${frame.width}x${frame.height}, got ${width}x${height}`;
  if (roi !== null && (roi.x + roi.width > width || roi.y + roi.height > height))
    return `the region of interest ${roi.width}x${roi.height} at ${roi.x},${roi.y} does not fit into ${width}x${height}`;
  return null;
}

/** [rows x height, columns x width, 3] -> [rows x columns, height, width, 3]. */
function cutTiles(canvas: Uint8Array, { tiles: { columns, rows }, resize: { width, height } }: Preprocess): Uint8Array {
  if (columns === 1) return canvas;
  const cut = new Uint8Array(canvas.byteLength);
  const lineBytes = width * 3;
  let to = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let y = row * height; y < (row + 1) * height; y++) {
        const from = (y * columns + column) * lineBytes;
        cut.set(canvas.subarray(from, from + lineBytes), to);
        to += lineBytes;
      }
    }
  }
  return cut;
}
