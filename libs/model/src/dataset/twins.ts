import { setImmediate } from 'node:timers/promises';
import { Candidates } from './candidates.js';
import { type Both, detailLikenessOf, likenessOf } from './compare.js';
import { findCommon, standardise } from './essence.js';
import { ORIENTATIONS, type Orientation } from './orientations.js';
import { type Sketch, sketch } from './sketch.js';

/** Two pictures that show one thing, though their bytes differ. Numbers are places in the list that was compared. */
export interface Twins {
  readonly first: number;
  readonly second: number;
  /** Correlation of what sets the two apart from all pictures, up to 1. */
  readonly likeness: number;
  /** How the first lies in the second. */
  readonly orientation: Orientation;
}

/**
 * Correlations from which two pictures are twins, of their essences and of their details. Measured on two real data
 * sets (docs/data.md): copies re-encoded at quality 40, resized or with noise stay above both; different solar cells stay
 * below the first, different spots of ball screws below the second.
 */
const TWIN_LIKENESS = 0.995;
const TWIN_DETAIL = 0.85;

/** Unit vectors that correlate by the likeness are at most this far apart, and a little for what 32-bit floats round. */
const REACH = Math.sqrt(2 * (1 - TWIN_LIKENESS)) + 1e-4;
/** Pictures handled between two breaths of the event loop. */
const BREATH = 8;

/**
 * Find pictures that show one thing: re-encoded, resized, brighter, mirrored or turned by quarters. What all pictures
 * share is taken off first, so that parts of one kind in one fixture are not taken for copies. Only pictures whose low
 * frequencies are near, one of them laid in one of the eight ways, are compared cell by cell; none is missed by that.
 * Blanks have no twins.
 * @param thumbnails as `lookAt` makes them
 * @param options.isNews false for a pair that need not be compared where a chain of twins already joins it
 * @returns in order of their numbers
 */
export async function findTwins(
  thumbnails: readonly Uint8Array[],
  { isNews }: { isNews: (first: number, second: number) => boolean },
): Promise<Twins[]> {
  const common = await findCommon(thumbnails);
  const sketches: Sketch[] = [];
  for (const [picture, thumbnail] of thumbnails.entries()) {
    if (picture % BREATH === 0) await setImmediate();
    const own = standardise(thumbnail);
    const known = own && sketch(own, { picture, common });
    if (known) sketches.push(known);
  }
  const candidates = new Candidates(sketches, { common, reach: REACH });
  const twins = new Map<string, Twins>();
  const kin = new Kin();
  for (const [row, { picture: first }] of sketches.entries()) {
    if (row % BREATH === 0) await setImmediate();
    for (const { second, way } of candidates.after(row)) {
      if (kin.areJoined(first, second) && !isNews(first, second)) continue;
      const both: Both = [thumbnails[first] as Uint8Array, thumbnails[second] as Uint8Array];
      const pair = `${first} ${second}`;
      const likeness = likenessOf(both, { common, way });
      if (likeness < Math.max(TWIN_LIKENESS, twins.get(pair)?.likeness ?? 0)) continue;
      if (detailLikenessOf(both, way) < TWIN_DETAIL) continue;
      twins.set(pair, { first, second, likeness, orientation: ORIENTATIONS[way] as Orientation });
      kin.join(first, second);
    }
  }
  return [...twins.values()].sort((a, b) => a.first - b.first || a.second - b.second);
}

/** Which pictures a chain of twins joins. */
export class Kin {
  private readonly parents = new Map<number, number>();

  /** The first of all pictures that are joined with this one. */
  rootOf(picture: number): number {
    let root = picture;
    for (let parent = this.parents.get(root); parent !== undefined; parent = this.parents.get(root)) root = parent;
    if (root !== picture) this.parents.set(picture, root);
    return root;
  }

  areJoined(one: number, other: number): boolean {
    return this.rootOf(one) === this.rootOf(other);
  }

  join(one: number, other: number): void {
    const [a, b] = [this.rootOf(one), this.rootOf(other)];
    if (a !== b) this.parents.set(Math.max(a, b), Math.min(a, b));
  }
}
