import type { Preprocess } from '#model/card';
import { counted, wordFor } from '#model/counted';
import { readsAsGood } from '#model/dataset/good-names';
import { groupsOf } from '#model/dataset/groups';
import { listSome } from '#model/dataset/list-some';
import { findOutliers, OUTLIER_KINDS } from '#model/dataset/outliers';
import { type Dataset, GOOD, type Sample, type VerifiedDataset } from '#model/dataset/sample';
import type { Split } from '#model/dataset/split';
import { CONFIDENCE, upperLimit } from '#model/metrics-share';
import { percentUp } from '#model/percent';

/** Names per line: enough to look, few enough to read. */
const NAMED = 3;
/** With fewer defects to learn from one-class mode ranks as well or better (docs/few-defects.md). */
const ENOUGH_TO_LEARN = 25;
/** Defective parts say something of others where, with none missed, fewer than half of those can pass: five do. */
const HALF = 0.5;
/** A picture of 640 x 480 comes 2.9 times smaller to a network of 224 x 224; those of most industrial cameras far more. */
const MUCH_SMALLER = 3;
/** Who cuts pictures into tiles has small defects. */
const SMALLER_IN_TILES = 2;
/** A tile that comes so much smaller still shows defects of 10 to 60 pixels; twice as much hides most of them (docs/small-defects.md). */
const SHOWN = 1.5;
/** Along a side: what a plan takes. */
const MOST_TILES = 8;
const DEEP_BITS = 16;
/** Cameras give 10, 12 or 14 bits. With 14 in 16 the brightest is a quarter of white, with 12 a sixteenth: nearly black. */
const SHALLOW_BITS = 14;

/**
 * What a person should look at before trusting a run on these pictures: one line per kind of doubt, none where there is
 * none. `lineside data check` shows the pictures.
 */
export function describeDoubts(dataset: VerifiedDataset): string[] {
  const outliers = findOutliers(dataset.samples);
  const odd = OUTLIER_KINDS.flatMap((kind) => {
    const paths = outliers.filter((outlier) => outlier.kind === kind).map(({ sample }) => sample.path);
    return paths.length === 0
      ? []
      : [`${counted(paths.length, 'picture')} unusually ${kind}: ${listSome(paths, NAMED)}`];
  });
  return [...shallow(dataset), ...odd, ...torn(dataset), ...mixed(dataset)];
}

/**
 * Kinds of defect that nothing teaches, as they are on the test side alone.
 * @param taught classes that training pictures show
 * @returns one line or none
 */
export function describeNew(
  { samples, labels }: Pick<Dataset, 'samples' | 'labels'>,
  taught: readonly string[],
): string[] {
  const unseen = labels.filter((label) => !taught.includes(label));
  if (unseen.length === 0) return [];
  const named = unseen.map(
    (label) => `${label} (${counted(samples.filter((sample) => sample.label === label).length, 'picture')})`,
  );
  return [
    `${listSome(named)} in test alone: the network never learns it and gives it another name, and the test figures count it as a defect; to have it named move some of its pictures to train`,
  ];
}

/** Kinds of defect whose names read like those of good parts, as when `Positive` is taken for the good class: one line or none. */
export function describeMisnamed({ labels }: Pick<Dataset, 'labels'>): string[] {
  const misnamed = labels.filter((label) => label !== GOOD && readsAsGood(label));
  if (misnamed.length === 0) return [];
  const options = misnamed.map((label) => `--good ${JSON.stringify(label)}`).join(' ');
  return [
    `${listSome(misnamed)} counts as a defect, yet reads like good parts: where it shows such, say ${options}, and name no class of defects so`,
  ];
}

/**
 * Sides whose defects are of so few parts that they say little of others: pictures of one part are alike. Validation's
 * place the threshold, test's are all that can confirm it; of training's there may be too few to learn from.
 * @returns one line per side that is so
 */
export function describeNarrow({ train, val, test }: Partial<Split>): string[] {
  return [
    ...fewOf(train),
    ...narrowOf('validation', val, ' and choose epochs and threshold'),
    ...narrowOf('test', test, ', whatever its figures are'),
  ];
}

function fewOf(train: readonly Sample[] = []): string[] {
  const defects = train.filter(({ label }) => label !== GOOD).length;
  if (defects === 0 || defects >= ENOUGH_TO_LEARN) return [];
  return [
    `train has ${counted(defects, 'defect picture')}: with so few, chance decides how well a classifier ranks; compare it with --set mode=one-class, which learns from good ones alone`,
  ];
}

function narrowOf(side: string, samples: readonly Sample[] = [], meaning: string): string[] {
  const defects = samples.filter(({ label }) => label !== GOOD);
  const parts = groupsOf(defects).length;
  const mayPass = upperLimit(0, parts, CONFIDENCE);
  if (defects.length === 0 || mayPass <= HALF) return [];
  const what = counted(defects.length, 'defect picture');
  const word = wordOfGroups(defects);
  const isEachAlone = parts === defects.length;
  const shown = isEachAlone ? what : `${what} of ${counted(parts, word)}`;
  const more = isEachAlone ? 'label more' : `label more of other ${word}s`;
  return [
    `${side} has ${shown}, which say little of others (with none missed, up to ${percentUp(mayPass)} may pass)${meaning}: ${more}, or name a ${side} side with several`,
  ];
}

/** What the data calls that which stays on one side. */
function wordOfGroups(samples: readonly Sample[]): string {
  if (samples.some(({ group }) => group !== null)) return 'group';
  return samples.some(({ lot }) => lot !== null) ? 'lot' : 'part';
}

/**
 * Pictures of which a tile comes to the network much smaller than it is: a small defect is lost on the way.
 * @param preprocess as the network of this run wants it
 * @returns one line or none, with the size that suffers most
 */
export function describeShrunk(
  samples: readonly Sample[],
  { roi, tiles, resize }: Pick<Preprocess, 'roi' | 'tiles' | 'resize'>,
): string[] {
  const enough = (pixels: number, side: number): number => Math.min(MOST_TILES, Math.ceil(pixels / side / SHOWN));
  const isTiled = tiles.columns * tiles.rows > 1;
  const most = isTiled ? SMALLER_IN_TILES : MUCH_SMALLER;
  const sizes = samples.flatMap(({ look }) => (look === undefined ? [] : [roi ?? look]));
  const shrunk = sizes
    .map(({ width, height }) => ({
      ...{ width, height, columns: enough(width, resize.width), rows: enough(height, resize.height) },
      times: Math.max(width / tiles.columns / resize.width, height / tiles.rows / resize.height),
    }))
    .filter(({ times, columns, rows }) => times > most && columns * rows > tiles.columns * tiles.rows)
    .sort((a, b) => b.times - a.times);
  const [first] = shrunk;
  if (first === undefined) return [];
  const { width, height, columns, rows, times } = first;
  return [
    `${counted(shrunk.length, 'picture')} ${wordFor(shrunk.length, 'comes', 'come')} to the network up to ${times.toFixed(1)} times smaller (${width}x${height} as ${tiles.columns * resize.width}x${tiles.rows * resize.height}), so a defect of 20 pixels is ${(20 / times).toFixed(0)} there: where yours are small cut out the part (roi) or look at ${isTiled ? 'more tiles' : 'tiles'}, --set 'tiles={columns: ${columns}, rows: ${rows}}', which cost the line ${columns * rows} times what one does`,
  ];
}

/** What a camera of 10 to 14 bits wrote into 16 without scaling: 8 bits are taken from the top, where nothing is. */
function shallow({ samples }: VerifiedDataset): string[] {
  const peaks = samples.flatMap(({ look }) => look?.peak ?? []);
  if (peaks.length === 0) return [];
  const peak = peaks.reduce((most, one) => Math.max(most, one));
  const bits = peak.toString(2).length;
  if (bits > SHALLOW_BITS) return [];
  const factor = 2 ** (DEEP_BITS - bits);
  return [
    `${peaks.length} pictures of ${DEEP_BITS} bits use the low ${bits} alone (at most ${peak} of ${2 ** DEEP_BITS - 1}), so the network sees them nearly black: save them with their levels times ${factor}, and have the line's camera send them so`,
  ];
}

function torn({ samples, twins }: VerifiedDataset): string[] {
  const labels = new Map(samples.map(({ path, label }) => [path, label]));
  const pairs = twins.filter(({ first, second }) => labels.get(first) !== labels.get(second));
  const names = pairs.map(({ first, second }) => `${first} = ${second}`);
  return pairs.length === 0
    ? []
    : [
        `${counted(pairs.length, 'pair')} ${wordFor(pairs.length, 'shows', 'show')} one thing under two labels: ${listSome(names, NAMED)}`,
      ];
}

function mixed({ samples }: VerifiedDataset): string[] {
  const sizes = countsOf(samples.map(({ look }) => (look === undefined ? '' : `${look.width}x${look.height}`)));
  const formats = countsOf(samples.map(({ look }) => look?.format ?? ''));
  return [
    ...(sizes.length > 1 ? [`pictures of ${sizes.length} sizes: ${listSome(sizes, NAMED)}`] : []),
    ...(formats.length > 1 ? [`pictures of ${formats.length} formats: ${listSome(formats, NAMED)}`] : []),
  ];
}

/** Most frequent first. */
function countsOf(words: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([word, count]) => `${count} ${word}`);
}
