import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { InputError } from '#contracts';
import { type Head, penultimateSize } from '#model/head';
import { auroc } from '#model/metrics';
import { totalLength } from '#model/train/parameters';
import type { WeightMap } from '#model/weights/weight-map';
import { type Crew, split } from '../fit/crew.js';
import { AdamW } from '../fit/optimiser.js';
import type { Share } from '../fit/orders.js';
import { rateFactor, type Schedule } from '../fit/schedule.js';

/** One tile of a picture with its cached features, one file per variant; the first is the plain one. */
export interface Example {
  readonly files: readonly string[];
  /** Number of the picture in its side of the split; its tiles share it. */
  readonly picture: number;
  /** Index into the labels; 0 is good. */
  readonly label: number;
}

export interface Phase {
  readonly name: 'features' | 'fine-tune';
  readonly epochs: number;
  /** Peak step sizes of the groups. */
  readonly rates: { readonly base: number; readonly head: number };
  readonly schedule: Schedule;
}

export interface FitOptions {
  readonly phase: Phase;
  readonly head: Head;
  readonly featureSize: number;
  readonly batch: number;
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  readonly classWeights: 'balanced' | 'none';
  readonly seed: number;
  readonly onStep?: (done: number, total: number) => void;
  readonly onEpoch?: (epoch: EpochReport) => void;
}

export interface EpochReport {
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
  readonly validation: Validation;
}

/** How the network does on pictures it does not learn from. */
export interface Validation {
  readonly loss: number;
  readonly auroc: number;
}

export interface Fitted {
  readonly weights: WeightMap;
  readonly validation: Validation;
  /** Epoch whose weights these are, from 1; the last one unless the network forgot what it knew. */
  readonly epoch: number;
}

/**
 * Train the open part of a network: passes over cached features in batches, AdamW, a rate per group. Both phases of
 * transfer learning are this function; only the cut and the rates differ.
 *
 * Catastrophic forgetting is watched on validation: should the last epoch do worse there than the network did before
 * this phase, the best epoch is taken instead.
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
  const optimiser = new AdamW(crew.parameters, {
    length: totalLength(crew.parameters),
    weightDecay: options.weightDecay,
  });
  const gradient = new Float32Array(totalLength(crew.parameters));
  const perEpoch = Math.ceil(examples.train.reduce((sum, { files }) => sum + files.length, 0) / batch);
  const steps = perEpoch * phase.epochs;
  let step = 0;
  let last: Fitted = {
    weights: crew.current(),
    validation: await validate(crew, examples.validation, options),
    epoch: 0,
  };
  let best = last;
  for (let epoch = 1; epoch <= phase.epochs; epoch++) {
    const random = xoroshiro128plus(hashSeed(seed, phase.name, epoch));
    const views = shuffle(
      examples.train.flatMap(({ files, label }) => files.map((file) => ({ file, label }))),
      random,
    );
    let sum = 0;
    for (let from = 0; from < views.length; from += batch) {
      const shares = sharesOf(views.slice(from, from + batch), { options, importance, workers: crew.workers, random });
      const loss = await crew.gradient(shares, gradient);
      if (!Number.isFinite(loss)) throw diverged(phase, epoch);
      const factor = rateFactor(phase.schedule, step, steps);
      optimiser.step(crew.weights, gradient, { base: phase.rates.base * factor, head: phase.rates.head * factor });
      sum += loss;
      step += 1;
      options.onStep?.(step, steps);
    }
    const validation = await validate(crew, examples.validation, options);
    if (!Number.isFinite(validation.loss)) throw diverged(phase, epoch);
    options.onEpoch?.({ epoch, epochs: phase.epochs, loss: sum / perEpoch, validation });
    last = { weights: crew.current(), validation, epoch };
    if (validation.auroc > best.validation.auroc) best = last;
  }
  return hasForgotten(last, best) ? best : last;
}

/** Validation AUROC may wobble by this much between epochs; a larger fall is forgetting. */
const WOBBLE = 0.02;

function hasForgotten(last: Fitted, best: Fitted): boolean {
  return last.validation.auroc < best.validation.auroc - WOBBLE;
}

/** Loss (unsmoothed cross-entropy) over plain tiles and AUROC over pictures, each as bad as its worst tile. */
async function validate(crew: Crew, examples: readonly Example[], { head }: FitOptions): Promise<Validation> {
  const probabilities = await crew.predict(examples.map(({ files }) => files[0] ?? ''));
  const worst = new Map<number, { score: number; isDefect: boolean }>();
  let loss = 0;
  for (const [i, { label, picture }] of examples.entries()) {
    loss -= Math.log(Math.max(probabilities[i * head.labels + label] ?? Number.NaN, 1e-12)) / examples.length;
    const score = 1 - (probabilities[i * head.labels] ?? Number.NaN);
    if (!(score <= (worst.get(picture)?.score ?? -1))) worst.set(picture, { score, isDefect: label !== 0 });
  }
  return { loss, auroc: auroc([...worst.values()]) };
}

interface View {
  readonly file: string;
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
    files: part.map(({ file }) => file),
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
