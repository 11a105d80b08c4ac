import sharp, { type Sharp } from 'sharp';
import { PAD_LEVEL } from '#model/preprocess/decode';
import type { Orientation } from '../plan/augmentation.js';
import type { Change } from './draw-change.js';

/** uint8 RGB [height, width, 3]. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Below this sigma a Gaussian changes nothing that eight bits could hold; sharp refuses it. */
const LEAST_SIGMA = 0.3;

/** Move whole pixels; sharp does it on threads of its own. */
export async function orient(pixels: Pixels, orientation: Orientation): Promise<Uint8Array> {
  return orientation === 'plain' ? pixels.data : oriented(pixels, orientation).raw().toBuffer();
}

/**
 * Change a picture that is ready for the network: geometry first, then optics, sensor and file, in the order of the light.
 * What geometry brings in from outside is the picture's own mirror image.
 */
export async function changePicture(
  pixels: Pixels,
  { orientation, change }: { orientation: Orientation; change: Change },
): Promise<Uint8Array> {
  const shown = await moveParts(pixels, orientation, change);
  const blurred = change.blurSigma < LEAST_SIGMA ? shown : shown.blur(change.blurSigma);
  const { light, contrast } = change;
  const lit = blurred.linear(light * contrast, light * (1 - contrast) * PAD_LEVEL);
  if (change.jpegQuality === 100) return cutOut({ ...pixels, data: await lit.raw().toBuffer() }, change.cutout);
  const compressed = sharp(await lit.jpeg({ quality: change.jpegQuality }).toBuffer());
  return cutOut({ ...pixels, data: await compressed.raw().toBuffer() }, change.cutout);
}

function fromRaw({ data, width, height }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

function oriented(pixels: Pixels, orientation: Orientation): Sharp {
  const isMirrored = orientation === 'mirror' || orientation === 'turn';
  const isFlipped = orientation === 'flip' || orientation === 'turn';
  return fromRaw(pixels).flop(isMirrored).flip(isFlipped);
}

/** Rotate, shear and zoom about the middle, then shift by whole pixels. */
async function moveParts(pixels: Pixels, orientation: Orientation, change: Change): Promise<Sharp> {
  const { width, height } = pixels;
  const matrix = matrixOf(change);
  const shift = [Math.round(change.shift[0] * width), Math.round(change.shift[1] * height)] as const;
  if (isIdentity(matrix) && shift.every((pixel) => pixel === 0)) return oriented(pixels, orientation);
  const margin = marginOf(matrix, { width, height, shift });
  const wide = await oriented(pixels, orientation)
    .extend({ top: margin, bottom: margin, left: margin, right: margin, extendWith: 'mirror' })
    .raw()
    .toBuffer();
  const moved = await fromRaw({ data: wide, width: width + 2 * margin, height: height + 2 * margin })
    .affine(matrix, { interpolator: 'bicubic' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return fromRaw({ data: moved.data, ...moved.info }).extract({
    left: Math.round((moved.info.width - width) / 2) - shift[0],
    top: Math.round((moved.info.height - height) / 2) - shift[1],
    width,
    height,
  });
}

type Matrix = [[number, number], [number, number]];

/** Rotation times shear times zoom: where a point of the old picture goes, seen from the middle. */
function matrixOf({ rotationDegrees, shearDegrees: [shearX, shearY], zoom }: Change): Matrix {
  const angle = radians(rotationDegrees);
  const [cos, sin] = [zoom * Math.cos(angle), zoom * Math.sin(angle)];
  const [tanX, tanY] = [Math.tan(radians(shearX)), Math.tan(radians(shearY))];
  return [
    [cos - sin * tanY, cos * tanX - sin],
    [sin + cos * tanY, sin * tanX + cos],
  ];
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

function isIdentity([[a, b], [c, d]]: Matrix): boolean {
  return a === 1 && b === 0 && c === 0 && d === 1;
}

/** How far outside the old picture the new one's corners lie, in pixels, and two more for the interpolation. */
function marginOf(
  [[a, b], [c, d]]: Matrix,
  { width, height, shift }: { width: number; height: number; shift: readonly [number, number] },
): number {
  const determinant = a * d - b * c;
  const [x, y] = [width / 2 + Math.abs(shift[0]), height / 2 + Math.abs(shift[1])];
  const reachX = (Math.abs(d) * x + Math.abs(b) * y) / determinant;
  const reachY = (Math.abs(c) * x + Math.abs(a) * y) / determinant;
  return Math.max(0, Math.ceil(Math.max(reachX - width / 2, reachY - height / 2))) + 2;
}

/** Cutout (DeVries & Taylor, arXiv:1708.04552): grey out a rectangle, which may hang over the edge. */
function cutOut({ data, width, height }: Pixels, cutout: Change['cutout']): Uint8Array {
  if (cutout === null) return data;
  const span = (middle: number, share: number, side: number) =>
    [middle - share / 2, middle + share / 2].map((at) => Math.min(side, Math.max(0, Math.round(at * side))));
  const [left = 0, right = 0] = span(cutout.x, cutout.width, width);
  const [top = 0, bottom = 0] = span(cutout.y, cutout.height, height);
  for (let y = top; y < bottom; y++) data.fill(PAD_LEVEL, 3 * (y * width + left), 3 * (y * width + right));
  return data;
}
