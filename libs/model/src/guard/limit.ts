import { distanceOf, fitMahalanobis, type Rows } from './mahalanobis.js';

/** How far familiar pictures lie that the fit had not seen. */
export interface HeldOutLimit {
  readonly limit: number;
  readonly pictures: number;
  readonly groups: number;
  /** Held-out pictures beyond the limit. */
  readonly beyond: number;
}

const FOLDS = 5;

/**
 * Set the limit by pictures that were held out group by group: each is measured by a fit to the other folds, so a part
 * never vouches for itself.
 * @param rows one per tile, the tiles of a picture together: its strangest stands for it
 * @param options `groups` of the pictures, in their order; `tiles` of each; `falseAlarm` share of pictures, 0..1
 * @returns null when there are fewer than two groups: then nothing can be held out
 */
export function heldOutLimit(
  rows: Rows,
  options: { readonly groups: readonly string[]; readonly tiles: number; readonly falseAlarm: number },
): HeldOutLimit | null {
  const { groups, tiles, falseAlarm } = options;
  const folds = foldsOf(groups);
  if (folds === null) return null;
  const distances = new Float64Array(groups.length);
  const pictureOf = (row: number) => Math.floor(row / tiles);
  for (const fold of new Set(folds)) {
    const fit = fitMahalanobis(rows.filter((_, i) => folds[pictureOf(i)] !== fold));
    for (const [i, row] of rows.entries()) {
      const picture = pictureOf(i);
      if (folds[picture] === fold) distances[picture] = Math.max(distances[picture] ?? 0, distanceOf(fit, row));
    }
  }
  return limitOf(distances, { groups, falseAlarm });
}

/**
 * The smallest distance with at most the stated share of held-out pictures beyond it (split conformal, Vovk et al. 2005);
 * where pictures are too few for such a share, the furthest one.
 * @param distances of the pictures, in the order of `groups`
 */
export function limitOf(
  distances: ArrayLike<number>,
  { groups, falseAlarm }: { readonly groups: readonly string[]; readonly falseAlarm: number },
): HeldOutLimit {
  const sorted = Array.from(distances).sort((a, b) => a - b);
  const rank = Math.min(sorted.length, Math.ceil((sorted.length + 1) * (1 - falseAlarm)));
  const limit = sorted[rank - 1] ?? 0;
  return {
    limit,
    pictures: groups.length,
    groups: new Set(groups).size,
    beyond: sorted.filter((distance) => distance > limit).length,
  };
}

/**
 * Fold of each picture, from 0: whole groups, the largest first, each to the fold with the fewest pictures.
 * @returns null when there are fewer than two groups
 */
export function foldsOf(groups: readonly string[]): number[] | null {
  const sizes = new Map<string, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  if (sizes.size < 2) return null;
  const names = [...sizes].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const filled = new Array<number>(Math.min(FOLDS, names.length)).fill(0);
  const foldOf = new Map<string, number>();
  for (const [group, size] of names) {
    const fold = filled.indexOf(Math.min(...filled));
    filled[fold] = (filled[fold] ?? 0) + size;
    foldOf.set(group, fold);
  }
  return groups.map((group) => foldOf.get(group) ?? 0);
}
