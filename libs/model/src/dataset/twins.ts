import { setImmediate } from 'node:timers/promises';
import { detailOf, ESSENCE_SIDE, essenceOf, findCommon } from './essence.js';
import { THUMBNAIL_SIDE } from './look.js';
import { lowFrequencies } from './low-frequencies.js';
import { findNeighbours, type Point } from './neighbours.js';
import { ORIENTATIONS, type Orientation, orientationTables } from './orientations.js';

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

/** Unit vectors that correlate by the likeness are at most this far apart. */
const REACH = Math.sqrt(2 * (1 - TWIN_LIKENESS));
/** Pictures handled between two breaths of the event loop. */
const BREATH = 256;

const ESSENCE_TABLES = orientationTables(ESSENCE_SIDE);
const DETAIL_TABLES = orientationTables(THUMBNAIL_SIDE);

/**
 * Find pictures that show one thing: re-encoded, resized, brighter, mirrored or turned by quarters. What all pictures
 * share is taken off first, so that parts of one kind in one fixture are not taken for copies. Only pictures whose low
 * frequencies are near, in whatever orientation, are compared cell by cell; none is missed by that. Blanks have no twins.
 * @param thumbnails as `lookAt` makes them
 * @param options.isNews false for a pair that need not be compared where a chain of twins already joins it
 * @returns in order of their numbers
 */
export async function findTwins(
  thumbnails: readonly Uint8Array[],
  { isNews }: { isNews: (first: number, second: number) => boolean },
): Promise<Twins[]> {
  const common = await findCommon(thumbnails);
  const points: Point[] = [];
  for (const [picture, thumbnail] of thumbnails.entries()) {
    if (picture % BREATH === 0) await setImmediate();
    const essence = essenceOf(thumbnail, common);
    if (essence !== null) points.push({ picture, place: lowFrequencies(essence) });
  }
  const twins: Twins[] = [];
  const kin = new Kin();
  for await (const [one, others] of findNeighbours(points, REACH)) {
    for (const other of others) {
      const [first, second] = one < other ? [one, other] : [other, one];
      if (kin.areJoined(first, second) && !isNews(first, second)) continue;
      const likeness = compare([thumbnails[first], thumbnails[second]] as [Uint8Array, Uint8Array], common);
      if (likeness === null) continue;
      twins.push({ first, second, ...likeness });
      kin.join(first, second);
    }
  }
  return twins.sort((a, b) => a.first - b.first || a.second - b.second);
}

type Likeness = Pick<Twins, 'likeness' | 'orientation'>;

/** null where the two are no twins. */
function compare([first, second]: [Uint8Array, Uint8Array], common: Float32Array): Likeness | null {
  const [essence, other] = [essenceOf(first, common), essenceOf(second, common)];
  if (essence === null || other === null) return null;
  const likenesses = ESSENCE_TABLES.map((table) => correlate(essence, other, table));
  const likeness = Math.max(...likenesses);
  if (likeness < TWIN_LIKENESS) return null;
  const at = likenesses.indexOf(likeness);
  const [detail, otherDetail] = [detailOf(first), detailOf(second)];
  if (detail === null || otherDetail === null) return null;
  if (correlate(detail, otherDetail, DETAIL_TABLES[at] as Uint16Array) < TWIN_DETAIL) return null;
  return { likeness, orientation: ORIENTATIONS[at] as Orientation };
}

function correlate(laid: Float32Array, other: Float32Array, table: Uint16Array): number {
  let sum = 0;
  for (let cell = 0; cell < other.length; cell += 1)
    sum += (laid[table[cell] as number] as number) * (other[cell] as number);
  return sum;
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
