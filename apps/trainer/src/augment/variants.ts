import { createHash } from 'node:crypto';
import { type Augmentation, type Orientation, strengthsOf } from '../plan/augmentation.js';

/** One of the variants that every training picture gets. */
export interface Variant {
  /** Names its pixels: in the feature store, and with the picture's hash the seed of what is drawn. */
  readonly name: string;
  readonly orientation: Orientation;
  /** False: whole pixels are moved and nothing else. */
  readonly isDrawn: boolean;
}

/** The picture as it is: what validation sees, and the first variant in training. */
export const PLAIN: Variant = { name: 'plain', orientation: 'plain', isDrawn: false };

/**
 * The variants of a training picture. The first is plain; where a strength is set, the others are drawn, each on its
 * orientation. The same seed, plan and epoch give the same variants.
 * @param draw `epoch` null where the variants are drawn once for all epochs
 */
export function variantsOf(augment: Augmentation, draw: { seed: number; epoch: number | null }): Variant[] {
  const { copies, views, cache, ...strengths } = augment;
  const isDrawn = drawsAnything(augment);
  const drawn = createHash('sha256')
    .update(JSON.stringify([strengths, draw]))
    .digest('hex')
    .slice(0, 12);
  return Array.from({ length: copies ?? views.length }, (_, copy) => {
    const orientation = views[copy % views.length] ?? 'plain';
    if (copy === 0) return PLAIN;
    return { name: isDrawn ? `${orientation}-${drawn}-${copy}` : orientation, orientation, isDrawn };
  });
}

/** Whether any strength is set. */
export function drawsAnything(augment: Augmentation): boolean {
  return strengthsOf(augment).length > 0;
}
