import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Augmentation } from '../plan/augmentation.js';

/** What is done to one picture in one variant. */
export interface Change {
  readonly rotationDegrees: number;
  /** Along x and y. */
  readonly shearDegrees: readonly [number, number];
  /** Factor on the size of what is shown. */
  readonly zoom: number;
  /** Share of width and height, to the right and down. */
  readonly shift: readonly [number, number];
  /** Factor on the light. */
  readonly light: number;
  /** Factor on the distance from middle grey. */
  readonly contrast: number;
  readonly blurSigma: number;
  readonly jpegQuality: number;
  /** Middle and size as shares of width and height; null = none. */
  readonly cutout: { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | null;
}

/** Draw a variant of a picture. The same picture, variant and strengths give the same change on every machine. */
export function drawChange(
  strengths: Augmentation,
  { pictureSha256, variant }: { pictureSha256: string; variant: string },
): Change {
  const seed = createHash('sha256').update(`${pictureSha256} ${variant}`).digest().readInt32LE();
  const random = xoroshiro128plus(seed);
  const share = () => uniformFloat64(random);
  const within = (most: number) => most * (2 * share() - 1);
  const upTo = (most: number) => most * share();
  return {
    rotationDegrees: within(strengths.rotation),
    shearDegrees: [within(strengths.shear), within(strengths.shear)],
    // Half the size is as far from the whole as double the size.
    zoom: (1 - strengths.zoom) ** within(1),
    shift: [within(strengths.shift), within(strengths.shift)],
    light: 1 + within(strengths.brightness),
    contrast: 1 + within(strengths.contrast),
    blurSigma: upTo(strengths.blur),
    jpegQuality: 100 - Math.round(upTo(100 - strengths.jpegQuality)),
    cutout:
      strengths.cutout === 0
        ? null
        : { x: share(), y: share(), width: upTo(strengths.cutout), height: upTo(strengths.cutout) },
  };
}
