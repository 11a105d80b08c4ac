import sharp, { type Sharp } from 'sharp';

/** Uint8 RGB [height, width, 3]. */
export interface Pixels {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Longest side of a picture on a page. */
const SIDE = 224;

/** A small picture as a data URI. */
export async function drawPicture(picture: Pixels): Promise<string> {
  return toUri(open(picture));
}

/** A small picture of an encoded file, upright, as a data URI. */
export async function drawFile(bytes: Uint8Array): Promise<string> {
  return toUri(sharp(bytes, { autoOrient: true, limitInputPixels: false }).flatten().toColourspace('srgb'));
}

/** How much of the picture the strongest place hides. */
const COVER = 0.75;

/**
 * The same picture with the evidence laid over it, from transparent to bright; the strongest place of each picture is
 * the brightest, so that two pictures are not to be compared by it.
 */
export async function drawHeat(
  picture: Pixels,
  map: { readonly evidence: Float32Array; readonly width: number; readonly height: number },
): Promise<string> {
  const { width, height } = picture;
  const most = map.evidence.reduce((max, value) => Math.max(max, value), 0);
  const levels = Uint8Array.from(map.evidence, (value) => (most > 0 ? Math.round((value / most) * 255 * COVER) : 0));
  const alpha = await sharp(levels, { raw: { width: map.width, height: map.height, channels: 1 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .extractChannel(0)
    .raw()
    .toBuffer();
  const glow = Buffer.alloc(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const level = alpha[i] ?? 0;
    glow[4 * i] = 255;
    glow[4 * i + 1] = 40 + Math.round(level * 0.7);
    glow[4 * i + 3] = level;
  }
  const laid = await open(picture)
    .composite([{ input: glow, raw: { width, height, channels: 4 } }])
    .removeAlpha()
    .raw()
    .toBuffer();
  return toUri(open({ pixels: laid, width, height }));
}

function open({ pixels, width, height }: Pixels): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

async function toUri(picture: Sharp): Promise<string> {
  const bytes = await picture
    .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 82 })
    .toBuffer();
  return `data:image/webp;base64,${bytes.toString('base64')}`;
}
