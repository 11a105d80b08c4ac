import sharp from 'sharp';
import { InputError, messageOf } from '#contracts';

/** Size of a picture as a person sees it, that is after its EXIF orientation. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

const JPEG = Buffer.from([0xff, 0xd8, 0xff]);
/** Types of PNG chunks. */
const [ANIMATION, PIXELS] = ['acTL', 'IDAT'].map((type) => Buffer.from(type, 'latin1').readUInt32BE());
/** Bytes of a PNG chunk around its data: length, type and checksum. */
const CHUNK_FRAME = 12;
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Read the header of a JPEG or PNG and decide whether its pixels may be decoded. Nothing is decoded here, so a
 * decompression bomb costs its header alone.
 * @param maxPixels width x height above this is refused
 * @throws InputError FRAME_DECODE when the bytes are empty, of another format, animated or have a broken header
 * @throws InputError FRAME_TOO_LARGE when the picture has more than `maxPixels` pixels
 */
export async function readHeader(bytes: Uint8Array, maxPixels: number): Promise<PictureSize> {
  assertStillPicture(bytes);
  const { width, height } = await readSize(bytes);
  if (width * height > maxPixels) {
    const size = `${width}x${height} = ${width * height}`;
    throw new InputError(
      'FRAME_TOO_LARGE',
      `Picture refused before decoding: expected at most ${maxPixels} pixels, its header says ${size}. Send a smaller picture or raise maxPixels.`,
      { found: `${size} pixels, more than ${maxPixels}` },
    );
  }
  return { width, height };
}

async function readSize(bytes: Uint8Array): Promise<PictureSize> {
  try {
    // The limit is checked by the caller, with both numbers in its message.
    const { autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return autoOrient;
  } catch (cause) {
    throw unreadable(`a broken header (${messageOf(cause)})`, bytes, cause);
  }
}

/** The formats a line sends, and no other: every further decoder is one more door for bad input. */
function assertStillPicture(bytes: Uint8Array): void {
  if (bytes.byteLength === 0) throw unreadable('an empty file', bytes);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.subarray(0, JPEG.length).equals(JPEG)) return;
  if (!view.subarray(0, PNG.length).equals(PNG)) throw unreadable('neither JPEG nor PNG', bytes);
  if (isAnimated(view)) throw unreadable('an animated PNG: which of its frames shows the part is unknown', bytes);
}

/** APNG: the animation control chunk stands before the first image data (PNG 3rd edition, 11.3.6.1 `acTL`). */
function isAnimated(png: Buffer): boolean {
  // From chunk to chunk: what they hold, a remark say, may be any letters.
  for (let at = PNG.length; at + 8 <= png.byteLength; at += CHUNK_FRAME + png.readUInt32BE(at)) {
    const type = png.readUInt32BE(at + 4);
    if (type === ANIMATION || type === PIXELS) return type === ANIMATION;
  }
  return false;
}

/** FRAME_DECODE with what was expected and found; shared with the decoder. */
export function unreadable(found: string, bytes: Uint8Array, cause?: unknown): InputError {
  return new InputError(
    'FRAME_DECODE',
    `Picture of ${bytes.byteLength} bytes cannot be decoded: expected a whole still JPEG or PNG, found ${found}. Check the camera or the file.`,
    { cause, found },
  );
}
