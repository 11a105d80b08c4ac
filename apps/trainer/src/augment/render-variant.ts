import type { Augmentation } from '../plan/augmentation.js';
import { changePicture, orient, type Pixels } from './change-picture.js';
import { drawChange } from './draw-change.js';
import type { Variant } from './variants.js';

/** The pixels of one variant of a picture, or of one of its tiles: all tiles of a picture change alike. */
export function renderVariant(
  pixels: Pixels,
  { variant, augment, pictureSha256 }: { variant: Variant; augment: Augmentation; pictureSha256: string },
): Promise<Uint8Array> {
  const { orientation } = variant;
  if (!variant.isDrawn) return orient(pixels, orientation);
  const change = drawChange(augment, { pictureSha256, variant: variant.name });
  return changePicture(pixels, { orientation, change });
}
