import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { mean, sampleStandardDeviation } from 'simple-statistics';
import { InvariantError } from '#contracts';
import type { Dataset, Sample } from '#model/dataset/sample';
import { foldSamples, type Split, splitDataset } from '#model/dataset/split';
import { auroc, averagePrecision, maxF1, overkillAtRecall, type ScoredSample } from '#model/metrics-ranking';
import type { TrainLog } from '../train-log.js';
import { writeWhole } from '../write-whole.js';
import type { Example } from './example.js';
import { computeFeatures, type Features, type FeaturesRequest } from './features.js';
import { type LearnRequest, learn } from './learn.js';

export interface FoldsRequest {
  readonly folds: number;
  readonly dataset: Dataset;
  readonly split: Split;
  readonly validationShare: number;
  readonly seed: number;
  /** Where `folds.csv` and `folds.json` go. */
  readonly out: string;
  readonly features: FeaturesRequest;
  readonly learn: Omit<LearnRequest, 'features' | 'judge'>;
}

/** Figures of one held-out fold. */
export interface FoldFigures {
  readonly auroc: number;
  readonly averagePrecision: number;
  readonly maxF1: number;
  /** Least share of good parts rejected where 95 % of the defects are found. */
  readonly overkillAtRecall95: number;
}

interface FoldsReport {
  readonly folds: readonly (FoldFigures & { readonly pictures: number })[];
  readonly mean: FoldFigures;
  /** Standard deviation over the folds (n - 1). */
  readonly spread: FoldFigures;
}

/**
 * Cross-validation on the training and validation pictures: by whole groups, classes in their shares, every picture
 * judged once by a network that never saw it. A fold trains as the run does, with a validation side out of its own
 * training pictures, so what is held out chooses nothing. All folds share the cached features.
 * @throws InputError TOO_FEW when a fold would lack good or defective pictures
 */
export async function crossValidate(request: FoldsRequest, log: TrainLog): Promise<FoldsReport> {
  const { split, folds, seed, out } = request;
  const samples = [...split.train, ...split.val];
  const parts = foldSamples(samples, { folds, seed, dir: request.dataset.dir });
  const features = await computeFeatures({ train: samples, validation: [] }, request.features, log.part('folds'));
  const figures: FoldsReport['folds'][number][] = [];
  const rows: [path: string, label: string, score: number, fold: number][] = [];
  try {
    for (const [i, held] of parts.entries()) {
      const fold = i + 1;
      const scored = await judgeFold(held, { request, samples, features, fold }, log.part(`fold ${fold}/${folds}`));
      figures.push({ ...figuresOf(scored), pictures: held.length });
      rows.push(
        ...scored.map(({ sample, score }) => [sample.path, sample.label, score, fold] as (typeof rows)[number]),
      );
    }
  } finally {
    await features.close();
  }
  const report = summarise(figures);
  await writeWhole(join(out, 'folds.csv'), stringify([['path', 'label', 'score', 'fold'], ...rows]));
  await writeWhole(join(out, 'folds.json'), `${JSON.stringify(report, null, 2)}\n`);
  log.step('folds', describe(report));
  return report;
}

type OutOfFold = ScoredSample & { readonly sample: Sample };

/** Train without the pictures of one fold and judge them. */
async function judgeFold(
  held: readonly Sample[],
  context: { request: FoldsRequest; samples: readonly Sample[]; features: Features; fold: number },
  log: TrainLog,
): Promise<OutOfFold[]> {
  const { request, samples, features, fold } = context;
  const { dataset, validationShare, seed } = request;
  const isHeld = new Set(held.map(({ path }) => path));
  const rest = samples
    .filter(({ path }) => !isHeld.has(path))
    .map((sample) => ({ ...sample, split: 'train' as const }));
  const sides = splitDataset({ ...dataset, samples: rest }, { validationShare, testShare: 0, seed });
  const examplesOf = (some: readonly Sample[]): Example[] => {
    const paths = new Set(some.map(({ path }) => path));
    return features.train.filter(({ picture }) => paths.has(samples[picture]?.path ?? ''));
  };
  const { judged } = await learn(
    {
      ...request.learn,
      checkpoints: request.learn.checkpoints.part(`fold${fold}`),
      features: { ...features, train: examplesOf(sides.train), validation: examplesOf(sides.val) },
      judge: examplesOf(held),
    },
    log,
  );
  return judged.map(({ picture, probabilities, label }) => {
    const sample = samples[picture];
    if (sample === undefined) throw new InvariantError(`No picture ${picture}.`);
    return { sample, score: 1 - (probabilities[0] ?? Number.NaN), isDefect: label !== 0 };
  });
}

function figuresOf(scored: readonly ScoredSample[]): FoldFigures {
  return {
    auroc: auroc(scored),
    averagePrecision: averagePrecision(scored),
    maxF1: maxF1(scored),
    overkillAtRecall95: overkillAtRecall(scored, 0.95),
  };
}

function summarise(folds: FoldsReport['folds']): FoldsReport {
  const over = (combine: (values: number[]) => number): FoldFigures => ({
    auroc: combine(folds.map((fold) => fold.auroc)),
    averagePrecision: combine(folds.map((fold) => fold.averagePrecision)),
    maxF1: combine(folds.map((fold) => fold.maxF1)),
    overkillAtRecall95: combine(folds.map((fold) => fold.overkillAtRecall95)),
  });
  return { folds, mean: over(mean), spread: over(sampleStandardDeviation) };
}

function describe({ folds, mean, spread }: FoldsReport): string {
  const share = (value: number) => `${(100 * value).toFixed(1)} %`;
  const figures = [
    `AUROC ${mean.auroc.toFixed(4)} ± ${spread.auroc.toFixed(4)}`,
    `max F1 ${mean.maxF1.toFixed(3)} ± ${spread.maxF1.toFixed(3)}`,
    `overkill at 95 % recall ${share(mean.overkillAtRecall95)} ± ${share(spread.overkillAtRecall95)}`,
  ];
  return `${folds.length} folds: ${figures.join(', ')}; every picture's score in folds.csv`;
}
