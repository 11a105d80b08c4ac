import sharp, { type Metadata } from 'sharp';
import { PAD_LEVEL } from '../preprocess/decode.js';
import { measureSharpness } from '../preprocess/sharpness.js';

/** What can be said of a picture without knowing what it shows. */
export interface Look {
  /** Pixels of the upright picture. */
  readonly width: number;
  readonly height: number;
  /** As in `jpeg srgb 8 bit`, with what else stands in the header: alpha, orientation. */
  readonly format: string;
  /** Highest level of any colour, of 65,535, where the picture has 16 bits; null = it has 8. */
  readonly peak: number | null;
  /** Mean grey level, 0..255. */
  readonly exposure: number;
  /** Standard deviation of the grey levels. */
  readonly contrast: number;
  /** As `measureSharpness` says, of the picture whose longer side has at most {@link LOOK_SIDE} pixels. */
  readonly sharpness: number;
}

/** A look, and the picture as a grey thumbnail. */
export interface Seen {
  readonly look: Look;
  /** [64, 64], mean grey level of each cell. */
  readonly thumbnail: Uint8Array;
}

/** Sharpness is judged near the size at which networks look, whatever the camera's. */
const LOOK_SIDE = 512;
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
  const peak = isDeep(header) ? await peakOf(bytes, header) : null;
  return { look: { width, height, format: formatOf(header), peak, ...measure(grey) }, thumbnail: shrink(grey) };
}

function isDeep({ depth }: Metadata): boolean {
  return depth === 'ushort';
}

/** Of the levels as they are stored; how transparent a pixel is does not count. */
async function peakOf(bytes: Uint8Array, { hasAlpha }: Metadata): Promise<number> {
  const { channels } = await sharp(bytes, { limitInputPixels: false }).stats();
  return Math.max(...channels.slice(0, hasAlpha ? -1 : undefined).map(({ max }) => max));
}

interface Grey {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

function formatOf(header: Metadata): string {
  const { format, space, hasAlpha, orientation = 1 } = header;
  const bits = isDeep(header) ? '16 bit' : '8 bit';
  return [format, space, bits, ...(hasAlpha ? ['alpha'] : []), ...(orientation > 1 ? ['turned by EXIF'] : [])].join(
    ' ',
  );
}

function measure({ data, width, height }: Grey): Pick<Look, 'exposure' | 'contrast' | 'sharpness'> {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < data.length; i += 1) {
    const level = data[i] as number;
    sum += level;
    squares += level * level;
  }
  const exposure = sum / data.length;
  return {
    exposure,
    contrast: Math.sqrt(Math.max(0, squares / data.length - exposure ** 2)),
    sharpness: measureSharpness({ data, tiles: 1, width, height }),
  };
}

/** Means over the cells of a grid, each pixel by the share of it that lies in the cell, so that a copy of another size gives the same. */
function shrink({ data, width, height }: Grey): Uint8Array {
  const side = THUMBNAIL_SIDE;
  const [columns, rows] = [cellsOf(width), cellsOf(height)];
  const narrow = new Float32Array(side * height);
  for (let y = 0; y < height; y += 1) {
    for (let column = 0; column < side; column += 1) {
      const { first, shares } = columns[column] as Cell;
      const from = y * width + first;
      let mean = 0;
      for (let i = 0; i < shares.length; i += 1) mean += (shares[i] as number) * (data[from + i] as number);
      narrow[y * side + column] = mean;
    }
  }
  const cells = new Uint8Array(side * side);
  for (let row = 0; row < side; row += 1) {
    const { first, shares } = rows[row] as Cell;
    for (let column = 0; column < side; column += 1) {
      let mean = 0;
      for (let i = 0; i < shares.length; i += 1)
        mean += (shares[i] as number) * (narrow[(first + i) * side + column] as number);
      cells[row * side + column] = Math.round(mean);
    }
  }
  return cells;
}

/** The pixels along a side that make up a cell, from `first` on, and how much of it each is. */
interface Cell {
  readonly first: number;
  readonly shares: Float64Array;
}

function cellsOf(pixels: number): Cell[] {
  const width = pixels / THUMBNAIL_SIDE;
  return Array.from({ length: THUMBNAIL_SIDE }, (_, cell) => {
    const [from, to] = [cell * width, (cell + 1) * width];
    const first = Math.floor(from);
    const shares = new Float64Array(Math.min(pixels, Math.ceil(to)) - first);
    for (let i = 0; i < shares.length; i += 1)
      shares[i] = (Math.min(to, first + i + 1) - Math.max(from, first + i)) / width;
    return { first, shares };
  });
}
