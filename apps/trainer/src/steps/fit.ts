import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { InputError } from '#contracts';
import type { Backbone } from '#model/backbones/backbone';
import { type Head, penultimateSize } from '#model/head';
import { auroc, averagePrecision } from '#model/metrics-ranking';
import { unpack } from '#model/train/parameters';
import type { WeightMap } from '#model/weights/weight-map';
import { WeightAverage } from '../fit/average.js';
import { type BatchRules, makeBatches, skip, type View, withNext } from '../fit/batches.js';
import type { FitState } from '../fit/checkpoint.js';
import type { Crew } from '../fit/crew.js';
import { type Epoch, EpochKeeper, type KeepRule, type Kept, type Validation } from '../fit/keep.js';
import type { MapSize } from '../fit/mix.js';
import { countMoments, type OptimiserOptions } from '../fit/optimiser.js';
import type { Penalty } from '../fit/penalty.js';
import { type Rates, ratesOf } from '../fit/rates.js';
import { rateFactor, type Schedule } from '../fit/schedule.js';
import type { Plan } from '../plan/plan.js';
import type { Example } from './example.js';
import { judgeHeldOut } from './held-out.js';
import type { JudgedPicture } from './worst-tile.js';

export interface Phase extends KeepRule {
  readonly name: 'features' | 'fine-tune';
  readonly epochs: number;
  readonly optimiser: OptimiserOptions['kind'];
  readonly rates: Rates;
  readonly schedule: Schedule;
  /** Decay of the weights' moving average, which is what validation sees and what is kept; 0 = the weights themselves. */
  readonly averaging: number;
}

/** What both phases share. */
type Learning = Pick<
  Plan,
  'batch' | 'weightDecay' | 'labelSmoothing' | 'classWeights' | 'sampling' | 'mixing' | 'seed'
>;

export interface FitOptions extends Learning {
  readonly phase: Phase;
  readonly head: Head & Penalty;
  readonly backbone: Backbone;
  /** Side lengths at the cut; null for embeddings. */
  readonly map: MapSize | null;
  /** Awaited before each epoch, from 1. */
  readonly beforeEpoch?: (epoch: number) => Promise<void>;
  /** Where an earlier run of this phase stood; null = from the beginning. */
  readonly saved?: FitState | null;
  /** Keeps where the phase stands: after every epoch, and when it is stopped. */
  readonly onState?: (state: FitState) => Promise<void>;
  /** Looked at before every step. */
  readonly isStopAsked?: () => boolean;
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
  /** What they say of the pictures of validation. */
  readonly heldOut: readonly JudgedPicture[];
  /** Epoch whose weights these are, from 1; 0 = those the phase began with. */
  readonly epoch: number;
  /** Epochs that ran: fewer than planned where patience was used up. */
  readonly ran: number;
}

/**
 * Train the open part of a network: passes over cached features in batches, a rate per group. Both phases of
 * transfer learning are this function; only the cut and the rates differ.
 *
 * After every epoch validation sees the weights, or their moving average where the plan asks for one. Which epoch is
 * kept and whether the phase ends early is `EpochKeeper`'s to say.
 * @param crew holds the weights to start from and is left with the fitted ones
 * @throws InputError DIVERGED when the loss is no number any more, STOPPED when it was asked to stop
 */
export async function fit(
  crew: Crew,
  examples: { train: readonly Example[]; validation: readonly Example[] },
  options: FitOptions,
): Promise<Fitted> {
  const { phase, batch, seed } = options;
  const optimiser: OptimiserOptions = {
    kind: phase.optimiser,
    rates: ratesOf(crew.parameters, phase.rates, options.backbone),
    weightDecay: options.weightDecay,
    penalty: options.head,
  };
  const moments = crew.moments.slice(0, countMoments(optimiser));
  const views = viewsOf(examples.train);
  const rules = rulesOf(crew, options);
  const average = phase.averaging === 0 ? null : new WeightAverage(crew.weights, phase.averaging);
  const judge = async ({ weights, epoch }: Epoch): Promise<JudgedEpoch> => {
    return { weights, epoch, ...(await validateWith(weights, crew, examples.validation, options)) };
  };
  const judgeNow = (epoch: number) => judge({ epoch, weights: Float32Array.from(average?.weights ?? crew.weights) });
  const perEpoch = Math.ceil(views.length / batch);
  const steps = perEpoch * phase.epochs;
  const saved = options.saved ?? null;
  if (saved !== null) {
    crew.weights.set(saved.weights);
    for (const [i, moment] of moments.entries()) moment.set(saved.moments[i] ?? []);
    average?.restore(saved.average ?? saved.weights, saved.step);
  }
  const last = saved === null ? await judgeNow(0) : await judge(saved.last);
  const isLastBest = saved === null || saved.best.epoch === last.epoch;
  const keeper = new EpochKeeper(phase, { best: isLastBest ? last : await judge(saved.best), last });
  let { step, lossSum } = saved ?? { step: 0, lossSum: 0 };
  const save = async (): Promise<void> => {
    const { best, last } = keeper;
    const { weights } = crew;
    await options.onState?.({
      step,
      lossSum,
      weights,
      moments,
      average: average?.weights ?? null,
      best,
      last,
    });
  };

  let epoch = Math.floor(step / perEpoch);
  while (epoch < phase.epochs && !keeper.isOver) {
    await options.beforeEpoch?.(epoch + 1);
    const random = xoroshiro128plus(hashSeed(seed, phase.name, epoch + 1));
    const batches = skip(makeBatches(views, rules, random), step % perEpoch);
    for (const [shares, next] of withNext(batches)) {
      if (options.isStopAsked?.()) {
        await save();
        throw stopped(phase, epoch + 1);
      }
      const loss = await crew.gradient(shares, next ?? []);
      if (!Number.isFinite(loss)) throw diverged(phase, epoch);
      await crew.move(optimiser, { factor: rateFactor(phase.schedule, step, steps), count: step + 1 });
      average?.add(crew.weights);
      lossSum += loss;
      step += 1;
      options.onStep?.(step, steps);
    }
    const judged = await judgeNow(epoch + 1);
    if (!Number.isFinite(judged.validation.loss)) throw diverged(phase, epoch);
    epoch += 1;
    options.onEpoch?.({ epoch, epochs: phase.epochs, loss: lossSum / perEpoch, validation: judged.validation });
    lossSum = 0;
    keeper.offer(judged);
    await save();
  }
  if (options.isStopAsked?.()) throw stopped(phase, epoch);
  const { weights, validation, judged: heldOut, epoch: kept } = keeper.kept;
  crew.weights.set(weights);
  return { weights: unpack(crew.parameters, weights), validation, heldOut, epoch: kept, ran: epoch };
}

/** An epoch with what the whole network says of each picture of validation. */
interface JudgedEpoch extends Kept {
  readonly judged: readonly JudgedPicture[];
}

/** Every variant of every tile, in the examples' order. */
function viewsOf(examples: readonly Example[]): View[] {
  return examples.flatMap(({ records, label }) => records.map((record) => ({ record, label })));
}

/** What a plan says of batches. */
function rulesOf({ workers }: Crew, options: FitOptions): BatchRules {
  const { head, backbone } = options;
  const { labels, dropout } = head;
  return { ...options, labels, dropout, penultimate: penultimateSize(head, backbone.featureSize), workers };
}

/** Validate other weights than those the crew learns on, and give it those back. */
async function validateWith(
  weights: Float32Array,
  crew: Crew,
  ...rest: [readonly Example[], FitOptions]
): Promise<Pick<JudgedEpoch, 'validation' | 'judged'>> {
  const learning = Float32Array.from(crew.weights);
  crew.weights.set(weights);
  const validated = await validate(crew, ...rest);
  crew.weights.set(learning);
  return validated;
}

/** Figures of plain pictures, each as bad as its worst tile. */
async function validate(
  crew: Crew,
  examples: readonly Example[],
  { head }: FitOptions,
): Promise<Pick<JudgedEpoch, 'validation' | 'judged'>> {
  const { loss, pictures: judged } = await judgeHeldOut(crew, examples, head);
  // Weights that are no numbers any more rank nothing; the loss says so.
  const ranks = Number.isFinite(loss);
  const validation = {
    loss,
    auroc: ranks ? auroc(judged) : Number.NaN,
    averagePrecision: ranks ? averagePrecision(judged) : Number.NaN,
  };
  return { validation, judged };
}

/** A generator of its own for every phase and epoch, so that a resumed run draws the same. FNV-1a, 32 bits. */
function hashSeed(seed: number, phase: string, epoch: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${seed}/${phase}/${epoch}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return hash | 0;
}

/** @param finished epochs whose weights are still good */
function diverged({ name, rates }: Phase, finished: number): InputError {
  const left =
    finished === 0
      ? 'No epoch was finished.'
      : `The weights of epoch ${finished} are kept in checkpoint/ of the run’s folder.`;
  return new InputError(
    'DIVERGED',
    `Training diverged in epoch ${finished + 1} of phase ${name}: the loss is no number any more. ${left} Lower the rates (${rates.base} base, ${rates.head} head).`,
  );
}

function stopped({ name }: Phase, epoch: number): InputError {
  return new InputError(
    'STOPPED',
    `Training was stopped in epoch ${epoch} of phase ${name}. What it had learnt is saved: the same command with --resume goes on.`,
  );
}
