import { codeOf } from '#contracts';
import type { Sample } from '#model/dataset/sample';
import { foldSamples } from '#model/dataset/split';
import { aurocInterval, type GroupedSample } from '#model/metrics-interval';
import { auroc } from '#model/metrics-ranking';
import { variantsOf } from '../augment/variants.js';
import { FeatureReader } from '../fit/feature-reader.js';
import type { StoreLayout } from '../fit/feature-store.js';
import { probeOutOfFold } from '../fit/probe.js';
import type { Orientation } from '../plan/augmentation.js';
import type { Plan } from '../plan/plan.js';
import type { Example } from './example.js';
import { everySoMany } from './run-base.js';

export interface ViewsRequest {
  readonly samples: readonly Sample[];
  /** Their tiles. */
  readonly train: readonly Example[];
  readonly layout: StoreLayout;
  readonly plan: Pick<Plan, 'augment' | 'seed'>;
  readonly labels: readonly string[];
}

/** Tiles of training pictures that are asked at most: seconds, whatever the data set, and limits a few percent wide. */
const TILES = 1_000;

/** A view of the training pictures, as judged by what plain ones of other groups teach. */
interface JudgedView {
  readonly view: Orientation;
  readonly pictures: readonly GroupedSample[];
}

/**
 * Views that may change what a label means, as mirroring does where a part is the wrong way round: linear probes on the
 * frozen embeddings of plain pictures judge views of pictures of other groups, and rank them clearly worse than plain
 * ones: the 95 % limits do not overlap. Views with something drawn on them are not judged.
 * @returns one line or none
 * @throws InputError FEATURES_BROKEN
 */
export async function describeBrokenViews(request: ViewsRequest): Promise<string[]> {
  const { augment } = request.plan;
  const judged = await judgeViews(request);
  const [plain, ...others] = judged.map(({ view, pictures }) => ({
    ...{ view, ...aurocInterval(pictures), auroc: auroc(pictures) },
  }));
  if (plain === undefined) return [];
  const broken = others.filter(({ high }) => high < plain.low);
  if (broken.length === 0) return [];
  const tell = ({ view, auroc, low, high }: typeof plain): string =>
    `${view} ${auroc.toFixed(4)} (95 % limits ${low.toFixed(4)} to ${high.toFixed(4)})`;
  const left = augment.views.filter((view) => broken.every((one) => one.view !== view));
  return [
    `${broken.map(({ view }) => view).join(', ')} may not keep the label: probes taught by plain pictures rank training pictures of other groups with AUROC ${[plain, ...broken].map(tell).join(', ')}. Where left and right, or up and down, tell good from defective: --set 'augment.views=[${left.join(', ')}]'`,
  ];
}

/** The plain view first; nothing where no other is as it is, or nothing can be held out. */
async function judgeViews({ samples, train, layout, plan, labels }: ViewsRequest): Promise<JudgedView[]> {
  const variants = variantsOf(plan.augment, { seed: plan.seed, epoch: null });
  const views = plan.augment.views.flatMap((view) => {
    const at = variants.findIndex(({ orientation, isDrawn }) => orientation === view && !isDrawn);
    return at < 0 ? [] : [{ view, at }];
  });
  if (views.length < 2) return [];
  const asked = everySoMany([...samples.keys()], (TILES * samples.length) / train.length);
  const halfOf = halve(asked, { samples, seed: plan.seed });
  if (halfOf === null) return [];
  const tiles = train.filter(({ picture }) => halfOf.has(picture));
  const reader = new FeatureReader(layout, 'embedding');
  const records = views.flatMap(({ at }) => tiles.map((tile) => tile.records[at] ?? Number.NaN));
  const values = await reader.read(records).finally(() => reader.close());
  const every = <T>(ofTile: readonly T[]): T[] => views.flatMap(() => [...ofTile]);
  const opinions = probeOutOfFold({
    ...{ values, width: reader.length, classes: labels.length, seed: plan.seed },
    ...{
      labels: every(tiles.map(({ label }) => label)),
      folds: every(tiles.map(({ picture }) => halfOf.get(picture) ?? Number.NaN)),
      taught: [...tiles.keys()],
    },
  });
  return views.map(({ view }, at) => {
    const own = opinions.slice(at * tiles.length, (at + 1) * tiles.length);
    return { view, pictures: joinTiles(tiles, own) };
  });
}

/** Which half each picture is in, whole groups together; null where there are too few of either kind. */
function halve(
  pictures: readonly number[],
  { samples, seed }: { readonly samples: readonly Sample[]; readonly seed: number },
): ReadonlyMap<number, number> | null {
  const chosen = new Map(pictures.map((picture) => [samples[picture] as Sample, picture]));
  try {
    const halves = foldSamples([...chosen.keys()], { folds: 2, seed, dir: 'train' });
    return new Map(halves.flatMap((half, i) => half.map((sample) => [chosen.get(sample) ?? Number.NaN, i])));
  } catch (error) {
    if (codeOf(error) === 'TOO_FEW') return null;
    throw error;
  }
}

/** A picture's score is the mean of its tiles', as each has learned the picture's label. */
function joinTiles(tiles: readonly Example[], opinions: readonly Float64Array[]): GroupedSample[] {
  const joined = new Map<number, { score: number; isDefect: boolean; group: string; tiles: number }>();
  for (const [i, { picture, label, group }] of tiles.entries()) {
    const known = joined.get(picture) ?? { score: 0, isDefect: label !== 0, group, tiles: 0 };
    known.score += 1 - (opinions[i]?.[0] ?? Number.NaN);
    known.tiles += 1;
    joined.set(picture, known);
  }
  return [...joined.values()].map(({ tiles: n, score, ...one }) => ({ ...one, score: score / n }));
}
