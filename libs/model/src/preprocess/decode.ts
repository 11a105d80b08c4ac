import sharp, { type FitEnum } from 'sharp';
import { messageOf, type Region } from '#contracts';
import type { Preprocess } from '../card.js';
import { unreadable } from './header.js';

/**
 * Border of a letterbox and what lies under transparent pixels. 127 is the zero of EfficientNet-Lite's input
 * `(rgb - 127) / 128`, so a border looks to the network like its own padding.
 */
export const PAD_LEVEL = 127;

const PAD = { r: PAD_LEVEL, g: PAD_LEVEL, b: PAD_LEVEL };
const FIT = { squash: 'fill', letterbox: 'contain', crop: 'cover' } as const satisfies Record<
  Preprocess['resize']['policy'],
  keyof FitEnum
>;

/** What part of the upright picture to decode, and how to bring it to `width` x `height`. */
export interface Rendering {
  /** In pixels of the upright picture; inside it. */
  readonly region: Region;
  /** True when the region is the whole picture: the decoder may then shrink while it decodes. */
  readonly isWhole: boolean;
  readonly width: number;
  readonly height: number;
  readonly policy: Preprocess['resize']['policy'];
  readonly kernel: Preprocess['resize']['kernel'];
}

/**
 * Decode one picture to uint8 RGB [height, width, 3]. The only place where pixels come into being: CMYK, grey, 16-bit
 * and pictures with a colour profile arrive as 8-bit sRGB, EXIF orientation is applied, transparency is flattened.
 * The header must have been accepted by `readHeader`.
 * @throws InputError FRAME_DECODE when the pixels are cut short or damaged, even where a decoder could guess the rest
 */
export async function decodePicture(bytes: Uint8Array, rendering: Rendering): Promise<Uint8Array> {
  const { region, isWhole, width, height, policy, kernel } = rendering;
  const upright = sharp(bytes, {
    autoOrient: true,
    // A decoder's warning means that some pixels are its guess; a verdict must not rest on them.
    failOn: 'warning',
    // Already checked against the caller's limit before any pixel was decoded.
    limitInputPixels: false,
  });
  const part = isWhole
    ? upright
    : upright.extract({ left: region.x, top: region.y, width: region.width, height: region.height });
  try {
    const rgb = await part
      .flatten({ background: PAD })
      .resize({ width, height, fit: FIT[policy], kernel, background: PAD })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer();
    return rgb;
  } catch (cause) {
    throw unreadable(`pixels cut short or damaged (${messageOf(cause)})`, bytes, cause);
  }
}

/**
 * Set how many threads one picture may use in this process, and turn the decoder's cache off: every frame is new, a
 * cache would only grow. Inference workers are one thread each, so they pass 1; a process that decodes many pictures
 * at a time should pass 1 as well, parallelism then comes from the pictures.
 */
export function limitPictureThreads(threads: number): void {
  sharp.concurrency(threads);
  sharp.cache(false);
}
