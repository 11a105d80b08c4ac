import type { Look } from './look.js';
import type { Orientation } from './orientations.js';

export type Subset = 'train' | 'val' | 'test';

/** One labelled picture. */
export interface Sample {
  /** Relative to the data set's directory, with forward slashes: the picture's name in reports and fingerprints. */
  readonly path: string;
  /** Absolute. */
  readonly file: string;
  readonly label: string;
  /** null where the data says nothing; {@link splitDataset} decides then. */
  readonly split: Subset | null;
  /** What must never be on two sides of a split: group column, else lot, else part, else the picture alone. */
  readonly group: string | null;
  readonly lot: string | null;
  readonly part: string | null;
  /** Column `class`: a finer kind than the label, as in `pitting` or `before_onset`; figures are broken down by it. */
  readonly kind?: string;
  /** Column `camera`. */
  readonly camera?: string;
  /** Day the picture was taken, from a column with the time. */
  readonly day?: string;
  /** Value of the column whose shares each side should keep, beside the labels'. */
  readonly stratum?: string;
  /** Hash of the file's bytes, lower-case hex; set by {@link verifyPictures}. */
  readonly sha256?: string;
  /** What the picture looks like in figures; set with the hash. */
  readonly look?: Look;
  /** One name for all pictures that show one thing (re-encoded, turned, mirrored …); set with the hash. */
  readonly kin?: string;
}

/** Two pictures that show one thing, though their bytes differ. */
export interface TwinPair {
  /** Paths of the samples. */
  readonly first: string;
  readonly second: string;
  /** Correlation of what sets the two apart from all pictures, up to 1. */
  readonly likeness: number;
  /** How the first lies in the second. */
  readonly orientation: Orientation;
}

export interface Dataset {
  readonly dir: string;
  readonly good: typeof GOOD;
  /** `good` first, the rest sorted by name: this is the order of the network's outputs, so never directory order. */
  readonly labels: readonly string[];
  /** Sorted by path. */
  readonly samples: readonly Sample[];
}

/** A data set whose pictures were opened. */
export interface VerifiedDataset extends Dataset {
  readonly twins: readonly TwinPair[];
  /** As `lookAt` makes them, by the hash of the bytes. */
  readonly thumbnails: ReadonlyMap<string, Uint8Array>;
}

/** The name every good class has inside the product, whatever its folder is called. */
export const GOOD = 'good';

/** The key of a sample's group; prefixed so that a lot and a group of one name stay apart. */
export function groupOf(sample: Sample): string {
  if (sample.group !== null) return `group ${sample.group}`;
  if (sample.lot !== null) return `lot ${sample.lot}`;
  if (sample.part !== null) return `part ${sample.part}`;
  return `picture ${sample.path}`;
}

/** Order by code unit: the same on every machine, whatever its locale. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
