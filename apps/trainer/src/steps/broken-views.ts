import { dirname } from 'node:path';
import { z } from 'zod';
import { codeOf } from '#contracts';
import { groupOf, type Sample } from '#model/dataset/sample';
import { foldSamples } from '#model/dataset/split';
import { AskedThread } from '#model/runtime/asked-thread';
import { type Variant, variantsOf } from '../augment/variants.js';
import { everySoMany } from '../every-so-many.js';
import { FeatureReader } from '../fit/feature-reader.js';
import type { StoreLayout } from '../fit/feature-store.js';
import { strengthsOf } from '../plan/augmentation.js';
import type { Plan } from '../plan/plan.js';
import { recall, remember } from '../remembered.js';
import type { TrainLog } from '../train-log.js';
import type { Example } from './example.js';
import type { AskedTile, RankedView, RankRequest } from './rank-views.js';

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
interface JudgedView extends RankedView {
  readonly variant: Variant;
}

/**
 * Doubt views that may change what a label means, as mirroring does where a part is the wrong way round, and other light where
 * dark ones are the defects. Linear probes on the frozen embeddings learn from plain pictures and a view of them, as training
 * will, and judge that view of pictures of other groups. Where they rank it clearly worse than probes of plain pictures alone
 * rank plain ones (the 95 % limits do not overlap), its labels contradict the plain ones' or its defects are gone; what
 * merely looks different is learnt. What an earlier run found of the same pictures and views is said again.
 *
 * They are asked beside `work`, which is not changed by it and begins when the features are read; a doubt is said as soon
 * as it is known. What fails while they are asked is thrown when the work is done.
 * @returns what the work does
 * @throws InputError FEATURES_BROKEN
 */
export async function askViewsBeside<T>(
  request: ViewsRequest,
  { log, work }: { readonly log: TrainLog; readonly work: () => Promise<T> },
): Promise<T> {
  const asked = await askViews(request);
  const told = asked.doubts.then((doubts) => {
    for (const doubt of doubts) log.doubt('learnt', doubt);
  });
  const settled = told.catch(() => undefined);
  try {
    const done = await work();
    await told;
    return done;
  } finally {
    await asked.stop();
    // Nothing is said, or kept, behind the run's end.
    await settled;
  }
}

/** What is asked about views in a thread of its own. */
interface AskedViews {
  /** One line or none. */
  readonly doubts: Promise<string[]>;
  /** Ask no further. */
  stop(): Promise<void>;
}

/** @returns when the features are read, which may change from then on */
async function askViews(request: ViewsRequest): Promise<AskedViews> {
  const { samples, layout, plan, labels } = request;
  // Copies stay in one half, and halves keep the shares of strata.
  const pictures = samples.map((one) => [one.sha256, one.label, groupOf(one), one.kin, one.stratum]);
  // Beside the features that are asked.
  const place = {
    dir: dirname(layout.shards[0] ?? ''),
    of: ['broken views', 1, plan.augment, plan.seed, labels, pictures],
  };
  const known = await recall(place, z.array(z.string()));
  if (known !== null) return answered(known);
  const views = distinctViews(variantsOf(plan.augment, { seed: plan.seed, epoch: null }));
  const question = await readQuestion(views, request);
  if (question === null) return answered(await remember(place, []));
  const thread = new AskedThread<RankRequest, RankedView[]>(new URL('./views-thread.js', import.meta.url), {
    name: 'views',
  });
  const ranked = thread.ask(
    question,
    question.views.map(({ buffer }) => buffer as ArrayBuffer),
  );
  return {
    doubts: ranked.then((found) => remember(place, describeBroken(views, found, plan.augment))),
    stop: () => thread.stop(),
  };
}

function answered(doubts: string[]): AskedViews {
  return { doubts: Promise.resolve(doubts), stop: async () => undefined };
}

/** @param ranked of the views, the plain one first */
function describeBroken(
  views: readonly ShownView[],
  ranked: readonly RankedView[],
  augment: Plan['augment'],
): string[] {
  const judged = views.flatMap(({ variant }, i): JudgedView[] => (ranked[i] ? [{ variant, ...ranked[i] }] : []));
  const [plain, ...others] = judged;
  const broken = others.filter(({ high }) => high < (plain?.low ?? Number.NaN));
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

/** What is to be asked; null where there is no view but the plain one, or nothing can be held out. */
async function readQuestion(
  views: readonly ShownView[],
  { samples, train, layout, plan, labels }: ViewsRequest,
): Promise<RankRequest | null> {
  if (views.length < 2) return null;
  const asked = everySoMany([...samples.keys()], (TILES * samples.length) / train.length);
  const halfOf = halve(asked, { samples, seed: plan.seed });
  if (halfOf === null) return null;
  const shown = train.filter(({ picture }) => halfOf.has(picture));
  const tiles = shown.map(
    ({ label, picture, group }): AskedTile => ({ label, picture, group, fold: halfOf.get(picture) ?? Number.NaN }),
  );
  const reader = new FeatureReader(layout, 'embedding');
  try {
    const read: Float32Array[] = [];
    for (const { at } of views) read.push(await reader.read(shown.map(({ records }) => records[at] ?? Number.NaN)));
    return { views: read, width: reader.length, tiles, classes: labels.length, seed: plan.seed };
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
