import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { InputError } from '#contracts';
import { counted } from '../counted.js';
import { shuffle } from '../shuffle.js';
import { groupsOf } from './groups.js';
import { listSome } from './list-some.js';
import { compareNames, type Dataset, GOOD, groupOf, type Sample, type Subset } from './sample.js';

export interface Split {
  readonly train: readonly Sample[];
  readonly val: readonly Sample[];
  /** Empty where the data brings its own split without a test side, or `testShare` is 0. */
  readonly test: readonly Sample[];
}

export interface SplitOptions {
  /** Share of the training pictures (what is left after test) held back for validation, 0..1. */
  readonly validationShare: number;
  /** Share of all pictures held out for test where the data has no split, 0..1. */
  readonly testShare: number;
  readonly seed: number;
  /** Sides need good pictures only; default false. */
  readonly isOneClass?: boolean | undefined;
}

/**
 * Train, validation and test. A side the data names is kept as it is; a missing validation side comes out of train, and
 * a data set without any split gets a test side first. Groups stay whole (and equal pictures together, once hashed), classes keep their shares as well as whole
 * groups allow, and the same seed gives the same sides whatever order the samples come in.
 * @throws InputError TOO_FEW when a side would lack good or defective pictures
 */
export function splitDataset(dataset: Dataset, options: SplitOptions): Split {
  const given = (side: Subset): Sample[] => dataset.samples.filter((sample) => sample.split === side);
  let train = given('train');
  let val = given('val');
  let test = given('test');
  if (train.length + val.length + test.length === 0) {
    [train, test] = holdOut({ samples: dataset.samples, share: options.testShare, seed: options.seed });
  }
  if (val.length === 0) {
    [train, val] = holdOut({ samples: train, share: options.validationShare, seed: options.seed });
  }
  const split: Split = { train: mark(train, 'train'), val: mark(val, 'val'), test: mark(test, 'test') };
  for (const side of ['train', 'val', 'test'] as const) {
    if (side !== 'test' || split.test.length > 0)
      refuseThin(side, split[side], {
        all: dataset.samples,
        dir: dataset.dir,
        isOneClass: options.isOneClass ?? false,
      });
  }
  return split;
}

/**
 * Cut samples into folds of whole groups, classes in their shares as well as whole groups allow; the same seed gives
 * the same folds.
 * @param dir named in the error
 * @throws InputError TOO_FEW when a fold would lack good or defective pictures
 */
export function foldSamples(
  samples: readonly Sample[],
  { folds, seed, dir }: { folds: number; seed: number; dir: string },
): Sample[][] {
  let rest = [...samples];
  const parts = Array.from({ length: folds - 1 }, (_, i): Sample[] => {
    const [left, held] = holdOut({ samples: rest, share: 1 / (folds - i), seed });
    rest = left;
    return held;
  });
  const all = [...parts, rest].map((part) => part.sort((a, b) => compareNames(a.path, b.path)));
  for (const [i, part] of all.entries())
    refuseThin(`fold ${i + 1} of ${folds}`, part, { all: samples, dir, isOneClass: false });
  return all;
}

/** Counted beside the labels: a side should hold its share of groups too, not of pictures alone. */
const GROUPS = Symbol('groups');

type Counts = ReadonlyMap<string | symbol, number>;

interface Group {
  readonly samples: readonly Sample[];
  /** Number of pictures per label. */
  readonly counts: Counts;
}

interface HoldOut {
  readonly samples: readonly Sample[];
  readonly share: number;
  readonly seed: number;
}

/**
 * Groups in seeded order, each moved where that brings the classes' shares nearer to their target: the greedy of
 * stratified group k-fold (scikit-learn, StratifiedGroupKFold) without its largest-first order, which would fill a
 * small side with a handful of the largest groups.
 */
function holdOut({ samples, share, seed }: HoldOut): [rest: Sample[], held: Sample[]] {
  if (share === 0) return [[...samples], []];
  const all = groupsOf(samples).map((members) => ({ samples: members, counts: count(members).set(GROUPS, 1) }));
  const total = count(samples).set(GROUPS, all.length);
  const held = new Set<Group>();
  const taken = new Map<string | symbol, number>();
  const groups = shuffle(all, xoroshiro128plus(seed));
  const missWith = (counts: Counts, sign: number): number =>
    [...total].reduce((sum, [label, n]) => {
      const now = (taken.get(label) ?? 0) + sign * (counts.get(label) ?? 0);
      return sum + (now / n - share) ** 2;
    }, 0);
  // Ends: every move lowers the miss, and there are finitely many ways to hold groups out.
  for (let hasMoved = true; hasMoved; ) {
    hasMoved = false;
    for (const group of groups) {
      const sign = held.has(group) ? -1 : 1;
      if (missWith(group.counts, sign) >= missWith(group.counts, 0)) continue;
      for (const [label, n] of group.counts) taken.set(label, (taken.get(label) ?? 0) + sign * n);
      if (sign === 1) held.add(group);
      else held.delete(group);
      hasMoved = true;
    }
  }
  giveEveryKind(groups, held);
  const inHeld = (isHeld: boolean) => groups.filter((g) => held.has(g) === isHeld).flatMap((g) => g.samples);
  return [inHeld(false), inHeld(true)];
}

/** Where groups are few the greedy may leave a side without a kind or a class: move the smallest group that has it. */
function giveEveryKind(groups: readonly Group[], held: Set<Group>): void {
  const labels = new Set(groups.flatMap(({ samples }) => samples.map(({ label }) => label)));
  const kinds: ((label: string) => boolean)[] = [(label) => label !== GOOD, (label) => label === GOOD];
  if (labels.size > 2) {
    kinds.unshift(...[...labels].sort(compareNames).map((name) => (label: string) => label === name));
  }
  for (const isKind of kinds) {
    const having = groups
      .filter((group) => group.samples.some(({ label }) => isKind(label)))
      .sort((a, b) => a.samples.length - b.samples.length);
    const [smallest] = having;
    if (smallest === undefined || having.length < 2) continue;
    if (having.every((group) => !held.has(group))) held.add(smallest);
    else if (having.every((group) => held.has(group))) held.delete(smallest);
  }
}

/** Pictures per label, and per label and stratum where there are strata. */
function count(samples: readonly Sample[]): Map<string | symbol, number> {
  const counts = new Map<string | symbol, number>();
  const add = (key: string): unknown => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const { label, stratum } of samples) {
    add(label);
    if (stratum !== undefined) add(`${label} in ${stratum}`);
  }
  return counts;
}

function mark(samples: readonly Sample[], split: Subset): Sample[] {
  return samples.map((sample) => ({ ...sample, split })).sort((a, b) => compareNames(a.path, b.path));
}

function refuseThin(
  side: string,
  samples: readonly Sample[],
  { all, dir, isOneClass }: { all: readonly Sample[]; dir: string; isOneClass: boolean },
): void {
  const good = samples.filter((sample) => sample.label === GOOD).length;
  const defects = samples.length - good;
  if (good > 0 && (defects > 0 || isOneClass)) return;
  const copies = all.filter(({ kin }) => kin !== undefined).length;
  const alike =
    copies === 0
      ? ''
      : ` ${copies} of the ${all.length} pictures look like copies of others and stay on one side with them: lineside data check shows them.`;
  throw new InputError(
    'TOO_FEW',
    `${dir} has too few pictures to split: ${side} gets ${good} good and ${defects} defective ones, and each side needs both.${alike} Add pictures from other groups (lots, parts), or give a split of your own.${describeNarrowGroups(all, { good, defects })} Good pictures alone train a one-class model: --set mode=one-class.`,
  );
}

/** Groups that a message names; with more of them, a few do not keep the sides from being filled. */
const FEW_GROUPS = 3;

/** Where pictures of a kind that a side lacks lie in a few groups: these stay whole, which a person may not have meant. */
function describeNarrowGroups(
  all: readonly Sample[],
  side: { readonly good: number; readonly defects: number },
): string {
  const isGood = side.good === 0;
  const own = all.filter(({ label }) => (label === GOOD) === isGood);
  const groups = [...new Set(own.map(groupOf))];
  if (groups.length > FEW_GROUPS || groups.length === own.length) return '';
  const [kind, stay] = [isGood ? 'good' : 'defective', groups.length === 1 ? 'stays' : 'each stay'];
  return ` Note that the ${own.length} ${kind} pictures are of ${counted(groups.length, 'group')} alone (${groups.join(', ')}), which ${stay} on one side: where they do not belong together, say what does, --group part say, or --group path where every picture is a part of its own.`;
}

/**
 * The classes that a network has an output for, `good` first: one that nobody teaches would only guess. A kind of defect
 * that the data names on its test side alone is none of them: it is seen there for the first time, and judged as a defect.
 * @throws InputError CLASS_VANISHED when another class has no picture left to learn from
 */
export function taughtLabels({ samples, labels, dir }: Dataset, { train }: Split): string[] {
  const taught = new Set(train.map(({ label }) => label));
  const vanished = labels.filter(
    (label) => !taught.has(label) && samples.some((sample) => sample.label === label && sample.split !== 'test'),
  );
  if (vanished.length === 0) return labels.filter((label) => taught.has(label));
  const counts = vanished.map((label) => {
    const own = samples.filter((sample) => sample.label === label);
    return `${label} (${counted(own.length, 'picture')} in ${counted(groupsOf(own).length, 'group')})`;
  });
  throw new InputError(
    'CLASS_VANISHED',
    `After the split of ${dir} no picture of ${listSome(counts)} is left to learn from: all are in validation or test. Expected every class in train, but for one that a split of your own names in test alone. Add pictures of it from other groups, move some to train, or give it the label of a similar class.`,
  );
}
