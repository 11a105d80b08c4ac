import { dirname } from 'node:path';
import { z } from 'zod';
import { codeOf } from '#contracts';
import { groupOf, type Sample } from '#model/dataset/sample';
import { foldSamples } from '#model/dataset/split';
import { aurocInterval, type GroupedSample } from '#model/metrics-interval';
import { auroc } from '#model/metrics-ranking';
import { strengthsOf, type Variant, variantsOf } from '../augment/variants.js';
import { everySoMany } from '../every-so-many.js';
import { FeatureReader } from '../fit/feature-reader.js';
import type { StoreLayout } from '../fit/feature-store.js';
import { probeOutOfFold } from '../fit/probe.js';
import type { Plan } from '../plan/plan.js';
import { remembered } from '../remembered.js';
import type { Example } from './example.js';

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

interface ShownView {
  readonly variant: Variant;
  /** Its place among an example's records. */
  readonly at: number;
}

/** A view of the training pictures, and how well probes rank it. */
interface JudgedView extends ShownView {
  readonly auroc: number;
  /** 95 % limits. */
  readonly low: number;
  readonly high: number;
}

/**
 * Views that may change what a label means, as mirroring does where a part is the wrong way round, and other light where
 * dark ones are the defects. Linear probes on the frozen embeddings learn from plain pictures and a view of them, as training
 * will, and judge that view of pictures of other groups. Where they rank it clearly worse than probes of plain pictures alone
 * rank plain ones (the 95 % limits do not overlap), its labels contradict the plain ones' or its defects are gone; what
 * merely looks different is learnt. What an earlier run found of the same pictures and views is said again.
 * @returns one line or none
 * @throws InputError FEATURES_BROKEN
 */
export function describeBrokenViews(request: ViewsRequest): Promise<string[]> {
  const { samples, layout, plan, labels } = request;
  // Copies stay in one half, and halves keep the shares of strata.
  const pictures = samples.map((one) => [one.sha256, one.label, groupOf(one), one.kin, one.stratum]);
  const of = ['broken views', 1, plan.augment, plan.seed, labels, pictures];
  // Beside the features that are asked.
  const dir = dirname(layout.shards[0] ?? '');
  return remembered({ dir, of, schema: z.array(z.string()) }, () => askViews(request));
}

async function askViews(request: ViewsRequest): Promise<string[]> {
  const { augment } = request.plan;
  const [plain, ...broken] = await findBroken(request);
  if (plain === undefined || broken.length === 0) return [];
  const tell = ({ variant, auroc, low, high }: JudgedView): string =>
    `${nameOf(variant)} ${auroc.toFixed(4)} (95 % limits ${low.toFixed(4)} to ${high.toFixed(4)})`;
  const names = broken.map(({ variant }) => nameOf(variant)).join(', ');
  const variants = broken.map(({ variant }) => variant);
  return [
    `${names} may not keep the label: probes that learn from it rank training pictures of other groups with AUROC ${[plain, ...broken].map(tell).join(', ')}. ${advise(variants, augment)}`,
  ];
}

function nameOf({ orientation, isDrawn }: Variant): string {
  return isDrawn ? `${orientation} as drawn` : orientation;
}

function advise(broken: readonly Variant[], augment: Plan['augment']): string {
  if (broken.some(({ isDrawn }) => isDrawn))
    return `Lower what your part does not bear, ${strengthsOf(augment).join(', ')} or a view of augment.views; lineside augment preview shows it`;
  const left = augment.views.filter((view) => broken.every(({ orientation }) => orientation !== view));
  return `Where left and right, or up and down, tell good from defective: --set 'augment.views=[${left.join(', ')}]'`;
}

/** The plain view and those that break labels; nothing where there is no other view, or nothing can be held out. */
async function findBroken({ samples, train, layout, plan, labels }: ViewsRequest): Promise<JudgedView[]> {
  const [plain, ...others] = distinctViews(variantsOf(plan.augment, { seed: plan.seed, epoch: null }));
  if (plain === undefined || others.length === 0) return [];
  const asked = everySoMany([...samples.keys()], (TILES * samples.length) / train.length);
  const halfOf = halve(asked, { samples, seed: plan.seed });
  if (halfOf === null) return [];
  const tiles = train.filter(({ picture }) => halfOf.has(picture));
  const reader = new FeatureReader(layout, 'embedding');
  /** Judge the last of the shown views by probes that learn from all of them. */
  const judge = async (...shown: readonly [...ShownView[], ShownView]): Promise<JudgedView> => {
    const every = <T>(of: (tile: Example) => T): T[] => shown.flatMap(() => tiles.map(of));
    const values = await reader.read(shown.flatMap(({ at }) => tiles.map(({ records }) => records[at] ?? Number.NaN)));
    const labelled = every(({ label }) => label);
    const opinions = probeOutOfFold({
      ...{ values, width: reader.length, classes: labels.length, seed: plan.seed, labels: labelled },
      folds: every(({ picture }) => halfOf.get(picture) ?? Number.NaN),
      taught: [...labelled.keys()],
    });
    const pictures = joinTiles(tiles, opinions.slice(-tiles.length));
    return { ...(shown.at(-1) ?? plain), auroc: auroc(pictures), ...aurocInterval(pictures) };
  };
  try {
    const known = await judge(plain);
    const broken: JudgedView[] = [];
    for (const view of others) {
      const judged = await judge(plain, view);
      if (judged.high < known.low) broken.push(judged);
    }
    return [known, ...broken];
  } finally {
    reader.close();
  }
}

/** The first of every orientation, plain and drawn: copies that are drawn alike differ by chance alone. */
function distinctViews(variants: readonly Variant[]): ShownView[] {
  const isAlike = (one: Variant) => (other: Variant) =>
    one.orientation === other.orientation && one.isDrawn === other.isDrawn;
  return variants.flatMap((variant, at) => (variants.findIndex(isAlike(variant)) === at ? [{ variant, at }] : []));
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
