import { setImmediate } from 'node:timers/promises';
import { detailOf, ESSENCE_SIDE, essenceOf, findCommon, standardise } from './essence.js';
import { THUMBNAIL_SIDE } from './look.js';
import { lowFrequencies } from './low-frequencies.js';
import { Neighbourhood, type Point } from './neighbours.js';
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
const BREATH = 8;

const ESSENCE_TABLES = orientationTables(ESSENCE_SIDE);
const AS_IT_IS = ESSENCE_TABLES[0] as Uint16Array;
const DETAIL_TABLES = orientationTables(THUMBNAIL_SIDE);

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
  const points: Point[] = [];
  for await (const [picture, own] of standardised(thumbnails)) {
    const essence = essenceOf(own, { common, table: AS_IT_IS });
    if (essence !== null) points.push({ picture, place: lowFrequencies(essence) });
  }
  const neighbourhood = new Neighbourhood(points);
  const twins = new Map<string, Twins>();
  const kin = new Kin();
  for await (const [first, own] of standardised(thumbnails)) {
    for (const [way, table] of ESSENCE_TABLES.entries()) {
      const laid = essenceOf(own, { common, table });
      if (laid === null) continue;
      for (const second of neighbourhood.near(lowFrequencies(laid), REACH)) {
        // The other way round it is found from the second.
        if (second <= first || (kin.areJoined(first, second) && !isNews(first, second))) continue;
        const both = [thumbnails[first], thumbnails[second]] as [Uint8Array, Uint8Array];
        const pair = `${first} ${second}`;
        const likeness = compare(both, { common, way });
        if (likeness < Math.max(TWIN_LIKENESS, twins.get(pair)?.likeness ?? 0) || !areAlikeInDetail(both, way))
          continue;
        twins.set(pair, { first, second, likeness, orientation: ORIENTATIONS[way] as Orientation });
        kin.join(first, second);
      }
    }
  }
  return [...twins.values()].sort((a, b) => a.first - b.first || a.second - b.second);
}

/** The pictures' grids; blanks are left out. */
async function* standardised(thumbnails: readonly Uint8Array[]): AsyncGenerator<[picture: number, own: Float32Array]> {
  for (const [picture, thumbnail] of thumbnails.entries()) {
    if (picture % BREATH === 0) await setImmediate();
    const own = standardise(thumbnail);
    if (own !== null) yield [picture, own];
  }
}

/**
 * Correlation of what sets the two apart from the others, the first laid in a way. What the others share lies as it does in
 * the second, then as in the first: in a fixture where only one of them is mirrored, either alone shows the fixture.
 */
function compare(both: [Uint8Array, Uint8Array], how: { common: Float32Array; way: number }): number {
  const [first, second] = both.map(standardise);
  if (!first || !second) return 0;
  const table = ESSENCE_TABLES[how.way] as Uint16Array;
  const laidCommon = how.common.map((_, cell) => how.common[table[cell] as number] as number);
  const likenesses = [how.common, laidCommon].map((common) => {
    const [laid, other] = [essenceOf(first, { common, table }), essenceOf(second, { common, table: AS_IT_IS })];
    return laid === null || other === null ? 0 : correlate(laid, other, AS_IT_IS);
  });
  return Math.min(...likenesses);
}

/** @param way number of the orientation in which the first is laid */
function areAlikeInDetail([first, second]: [Uint8Array, Uint8Array], way: number): boolean {
  const [detail, other] = [detailOf(first), detailOf(second)];
  if (detail === null || other === null) return false;
  return correlate(detail, other, DETAIL_TABLES[way] as Uint16Array) >= TWIN_DETAIL;
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
