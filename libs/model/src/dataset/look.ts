import sharp, { type Metadata } from 'sharp';
import { PAD_LEVEL } from '../preprocess/decode.js';

/** What can be said of a picture without knowing what it shows. */
export interface Look {
  /** Pixels of the upright picture. */
  readonly width: number;
  readonly height: number;
  /** As in `jpeg srgb 8 bit`, with what else stands in the header: alpha, orientation. */
  readonly format: string;
  /** Mean grey level, 0..255. */
  readonly exposure: number;
  /** Standard deviation of the grey levels. */
  readonly contrast: number;
  /**
   * Variance of the Laplacian of the grey levels where the longer side has at most {@link LOOK_SIDE} pixels: low where
   * no edge is sharp (Pech-Pacheco et al., Diatom autofocusing in brightfield microscopy, 2000).
   */
  readonly sharpness: number;
}

/** A look, and the picture as a grey thumbnail. */
export interface Seen {
  readonly look: Look;
  /** [64, 64], mean grey level of each cell. */
  readonly thumbnail: Uint8Array;
}

/** Sharpness is judged near the size at which networks look, whatever the camera's. */
export const LOOK_SIDE = 512;
export const THUMBNAIL_SIDE = 64;

const PAD = { r: PAD_LEVEL, g: PAD_LEVEL, b: PAD_LEVEL };

/**
 * Decode a picture once, as strictly as the line does, and measure it.
 * @throws what sharp says when the pixels are cut short or damaged
 */
export async function lookAt(bytes: Uint8Array): Promise<Seen> {
  const picture = sharp(bytes, { autoOrient: true, failOn: 'warning', limitInputPixels: false });
  const header = await picture.metadata();
  const { data, info } = await picture
    .flatten({ background: PAD })
    .resize({ width: LOOK_SIDE, height: LOOK_SIDE, fit: 'inside', withoutEnlargement: true })
    .toColourspace('b-w')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const grey: Grey = { data, width: info.width, height: info.height };
  const { width, height } = header.autoOrient;
  return { look: { width, height, format: formatOf(header), ...measure(grey) }, thumbnail: shrink(grey) };
}

interface Grey {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

function formatOf({ format, space, depth, hasAlpha, orientation = 1 }: Metadata): string {
  const bits = depth === 'ushort' ? '16 bit' : '8 bit';
  return [format, space, bits, ...(hasAlpha ? ['alpha'] : []), ...(orientation > 1 ? ['turned by EXIF'] : [])].join(
    ' ',
  );
}

function measure({ data, width, height }: Grey): Pick<Look, 'exposure' | 'contrast' | 'sharpness'> {
  let [sum, squares] = [0, 0];
  for (const level of data) {
    sum += level;
    squares += level * level;
  }
  let [edges, edgeSquares, inner] = [0, 0, 0];
  const at = (i: number): number => data[i] as number;
  for (let y = 1; y < height - 1; y += 1) {
    for (let i = y * width + 1; i < (y + 1) * width - 1; i += 1) {
      const edge = 4 * at(i) - at(i - 1) - at(i + 1) - at(i - width) - at(i + width);
      edges += edge;
      edgeSquares += edge * edge;
      inner += 1;
    }
  }
  const exposure = sum / data.length;
  return {
    exposure,
    contrast: Math.sqrt(Math.max(0, squares / data.length - exposure ** 2)),
    sharpness: inner === 0 ? 0 : edgeSquares / inner - (edges / inner) ** 2,
  };
}

/** Means over the cells of a grid, each pixel by the share of it that lies in the cell, so that a copy of another size gives the same. */
function shrink({ data, width, height }: Grey): Uint8Array {
  const side = THUMBNAIL_SIDE;
  const narrow = new Float32Array(side * height);
  for (const [column, shares] of sharesOf(width).entries()) {
    for (let y = 0; y < height; y += 1) {
      let mean = 0;
      for (const { pixel, share } of shares) mean += share * (data[y * width + pixel] as number);
      narrow[y * side + column] = mean;
    }
  }
  const cells = new Uint8Array(side * side);
  for (const [row, shares] of sharesOf(height).entries()) {
    for (let column = 0; column < side; column += 1) {
      let mean = 0;
      for (const { pixel, share } of shares) mean += share * (narrow[pixel * side + column] as number);
      cells[row * side + column] = Math.round(mean);
    }
  }
  return cells;
}

/** Which pixels along a side make up each cell, and how much of it. */
function sharesOf(pixels: number): { readonly pixel: number; readonly share: number }[][] {
  const width = pixels / THUMBNAIL_SIDE;
  return Array.from({ length: THUMBNAIL_SIDE }, (_, cell) => {
    const [from, to] = [cell * width, (cell + 1) * width];
    const first = Math.floor(from);
    return Array.from({ length: Math.min(pixels, Math.ceil(to)) - first }, (_, i) => {
      const pixel = first + i;
      return { pixel, share: (Math.min(to, pixel + 1) - Math.max(from, pixel)) / width };
    });
  });
}
