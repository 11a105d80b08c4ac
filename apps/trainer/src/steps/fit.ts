import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { InputError } from '#contracts';
import { type Head, penultimateSize } from '#model/head';
import { auroc, averagePrecision } from '#model/metrics';
import { totalLength, unpack } from '#model/train/parameters';
import type { WeightMap } from '#model/weights/weight-map';
import { WeightAverage } from '../fit/average.js';
import { type Crew, split } from '../fit/crew.js';
import { EpochKeeper, type KeepRule, type Kept, type Validation } from '../fit/keep.js';
import { AdamW } from '../fit/optimiser.js';
import type { Share } from '../fit/orders.js';
import { rateFactor, type Schedule } from '../fit/schedule.js';
import type { Plan } from '../plan/plan.js';

/** One tile of a picture with the records of its cached features, one per variant. */
export interface Example {
  readonly records: readonly number[];
  /** The record of the tile as it is: what is judged, as on the line. */
  readonly plain: number;
  /** Number of the picture in its side of the split; its tiles share it. */
  readonly picture: number;
  /** Index into the labels; 0 is good. */
  readonly label: number;
}

export interface Phase extends KeepRule {
  readonly name: 'features' | 'fine-tune';
  readonly epochs: number;
  /** Peak step sizes of the groups. */
  readonly rates: { readonly base: number; readonly head: number };
  readonly schedule: Schedule;
  /** Decay of the weights' moving average, which is what validation sees and what is kept; 0 = the weights themselves. */
  readonly averaging: number;
}

/** What both phases share. */
type Learning = Pick<Plan, 'batch' | 'weightDecay' | 'labelSmoothing' | 'classWeights' | 'seed'>;

export interface FitOptions extends Learning {
  readonly phase: Phase;
  readonly head: Head;
  readonly featureSize: number;
  readonly onStep?: (done: number, total: number) => void;
  readonly onEpoch?: (epoch: EpochReport) => void;
}

export interface EpochReport {
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
  readonly validation: Validation;
}

export interface Fitted {
  readonly weights: WeightMap;
  readonly validation: Validation;
  /** Epoch whose weights these are, from 1; 0 = those the phase began with. */
  readonly epoch: number;
  /** Epochs that ran: fewer than planned where patience was used up. */
  readonly ran: number;
}

/**
 * Train the open part of a network: passes over cached features in batches, AdamW, a rate per group. Both phases of
 * transfer learning are this function; only the cut and the rates differ.
 *
 * After every epoch validation sees the weights, or their moving average where the plan asks for one. Which epoch is
 * kept and whether the phase ends early is `EpochKeeper`'s to say.
 * @param crew holds the weights to start from and is left with the fitted ones
 * @throws InputError DIVERGED when the loss is no number any more
 */
export async function fit(
  crew: Crew,
  examples: { train: readonly Example[]; validation: readonly Example[] },
  options: FitOptions,
): Promise<Fitted> {
  const { phase, batch, seed } = options;
  const labels = options.head.labels;
  const importance = importanceOf(examples.train, { labels, kind: options.classWeights });
  const length = totalLength(crew.parameters);
  const optimiser = new AdamW(crew.parameters, { length, weightDecay: options.weightDecay });
  const gradient = new Float32Array(length);
  const average = phase.averaging === 0 ? null : new WeightAverage(crew.weights, phase.averaging);
  const judge = async (epoch: number): Promise<Kept> => {
    const weights = Float32Array.from(average?.weights ?? crew.weights);
    return { weights, epoch, validation: await validateWith(weights, crew, examples.validation, options) };
  };
  const perEpoch = Math.ceil(examples.train.reduce((sum, { records }) => sum + records.length, 0) / batch);
  const steps = perEpoch * phase.epochs;
  const keeper = new EpochKeeper(phase, await judge(0));
  let epoch = 0;
  for (let step = 0; epoch < phase.epochs && !keeper.isOver; ) {
    epoch += 1;
    const random = xoroshiro128plus(hashSeed(seed, phase.name, epoch));
    const views = shuffle(
      examples.train.flatMap(({ records, label }) => records.map((record) => ({ record, label }))),
      random,
    );
    let sum = 0;
    for (let from = 0; from < views.length; from += batch) {
      const shares = sharesOf(views.slice(from, from + batch), { options, importance, workers: crew.workers, random });
      const next = views.slice(from + batch, from + 2 * batch);
      crew.expect(next.map(({ record }) => record));
      const loss = await crew.gradient(shares, gradient);
      if (!Number.isFinite(loss)) throw diverged(phase, epoch);
      const factor = rateFactor(phase.schedule, step, steps);
      optimiser.step(crew.weights, gradient, { base: phase.rates.base * factor, head: phase.rates.head * factor });
      average?.add(crew.weights);
      sum += loss;
      step += 1;
      options.onStep?.(step, steps);
    }
    const judged = await judge(epoch);
    if (!Number.isFinite(judged.validation.loss)) throw diverged(phase, epoch);
    options.onEpoch?.({ epoch, epochs: phase.epochs, loss: sum / perEpoch, validation: judged.validation });
    keeper.offer(judged);
  }
  const { kept } = keeper;
  crew.weights.set(kept.weights);
  return { ...kept, weights: unpack(crew.parameters, kept.weights), ran: epoch };
}

/** Validate other weights than those the crew learns on, and give it those back. */
async function validateWith(
  weights: Float32Array,
  crew: Crew,
  ...rest: [readonly Example[], FitOptions]
): Promise<Validation> {
  const learning = Float32Array.from(crew.weights);
  crew.weights.set(weights);
  const validation = await validate(crew, ...rest);
  crew.weights.set(learning);
  return validation;
}

/** Loss over plain tiles; the ranking figures over pictures, each as bad as its worst tile. */
async function validate(crew: Crew, examples: readonly Example[], { head }: FitOptions): Promise<Validation> {
  const probabilities = await crew.predict(examples.map(({ plain }) => plain));
  const worst = new Map<number, { score: number; isDefect: boolean }>();
  let loss = 0;
  for (const [i, { label, picture }] of examples.entries()) {
    loss -= Math.log(Math.max(probabilities[i * head.labels + label] ?? Number.NaN, 1e-12)) / examples.length;
    const score = 1 - (probabilities[i * head.labels] ?? Number.NaN);
    if (!(score <= (worst.get(picture)?.score ?? -1))) worst.set(picture, { score, isDefect: label !== 0 });
  }
  const judged = [...worst.values()];
  return { loss, auroc: auroc(judged), averagePrecision: averagePrecision(judged) };
}

interface View {
  readonly record: number;
  readonly label: number;
}

function sharesOf(
  views: readonly View[],
  {
    options,
    importance,
    workers,
    random,
  }: { options: FitOptions; importance: readonly number[]; workers: number; random: RandomGenerator },
): Share[] {
  const { head, labelSmoothing, featureSize } = options;
  const width = penultimateSize(head, featureSize);
  const total = views.reduce((sum, { label }) => sum + (importance[label] ?? 0), 0);
  return split(views, workers).map((part) => ({
    records: part.map(({ record }) => record),
    weights: Float32Array.from(part, ({ label }) => (importance[label] ?? 0) / total),
    targets: Float32Array.from(part.flatMap(({ label }) => smoothed(label, head.labels, labelSmoothing))),
    mask: dropoutMask(part.length * width, head.dropout, random),
  }));
}

function smoothed(label: number, labels: number, smoothing: number): number[] {
  return Array.from({ length: labels }, (_, i) => (i === label ? 1 - smoothing : 0) + smoothing / labels);
}

/** Inverted dropout (Srivastava et al. 2014): what stays is scaled up, so prediction needs no correction. */
function dropoutMask(length: number, rate: number, random: RandomGenerator): Float32Array {
  if (rate === 0) return new Float32Array(length).fill(1);
  const kept = 1 / (1 - rate);
  return Float32Array.from({ length }, () => (uniformFloat64(random) < rate ? 0 : kept));
}

/** Weight of a picture in the loss by label: balanced = good weighs as much as all defects, and these alike in sum. */
function importanceOf(
  examples: readonly Example[],
  { labels, kind }: { labels: number; kind: 'balanced' | 'none' },
): number[] {
  const counts = Array.from({ length: labels }, (_, label) => examples.filter((one) => one.label === label).length);
  return counts.map((count, label) => {
    const classes = label === 0 ? 1 : labels - 1;
    return kind === 'none' ? 1 : examples.length / (2 * classes * Math.max(1, count));
  });
}

function shuffle<T>(items: T[], random: RandomGenerator): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i);
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}

/** A generator of its own for every phase and epoch, so that a resumed run draws the same. FNV-1a, 32 bits. */
function hashSeed(seed: number, phase: string, epoch: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${seed}/${phase}/${epoch}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return hash | 0;
}

function diverged(phase: Phase, epoch: number): InputError {
  return new InputError(
    'DIVERGED',
    `Training diverged in epoch ${epoch} of phase ${phase.name}: the loss is no number any more. Lower the rates (${phase.rates.base} base, ${phase.rates.head} head).`,
  );
}
