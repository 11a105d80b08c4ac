import { mkdir, readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { InputError, messageOf } from '#contracts';
import { chooseBackend } from '#model/backend/choose';
import { type Dataset, GOOD } from '#model/dataset/sample';
import { foldSamples } from '#model/dataset/split';
import { findWeights, loadWeights } from '#model/weights/store';
import { FeatureReader } from '../fit/feature-reader.js';
import { probeOutOfFold } from '../fit/probe.js';
import { MAX_PIXELS } from '../limits.js';
import type { Plan } from '../plan/plan.js';
import { preprocessOf } from '../plan/preprocess-of.js';
import { computeFeatures } from '../steps/features.js';
import type { TrainLog } from '../train-log.js';
import type { Opinion } from './suspects.js';

/** Five folds: each probe learns from four fifths of the pictures. */
const FOLDS = 5;

export interface Opinions {
  readonly opinions: readonly Opinion[];
  /** Names of the classes the probabilities are of. */
  readonly classes: readonly string[];
}

export interface ProbeOptions {
  readonly plan: Plan;
  readonly cacheDir: string;
  readonly weightsDir: string;
}

/**
 * What a linear probe on the frozen network's embeddings, fitted on the other folds, thinks of each picture. Folds keep
 * groups whole, so no picture is judged by one of its own part.
 * @throws InputError TOO_FEW when a fold would lack good or defective pictures
 */
export async function askProbes(dataset: Dataset, options: ProbeOptions, log: TrainLog): Promise<Opinions> {
  const { plan, cacheDir, weightsDir } = options;
  const { samples, labels: classes } = dataset;
  const parts = foldSamples(samples, { folds: FOLDS, seed: plan.seed, dir: dataset.dir });
  const foldOf = new Map(parts.flatMap((part, fold) => part.map(({ path }) => [path, fold])));
  await mkdir(cacheDir, { recursive: true });
  // The frozen part is laid out as tensors before it is a graph.
  await chooseBackend('wasm');
  const known = await findWeights(plan.weights, weightsDir);
  const preprocess = preprocessOf(plan, known.backbone);
  const features = await computeFeatures(
    { train: [], validation: samples },
    {
      ...{ known, weights: await loadWeights(known), preprocess, cut: 'embedding', plan, epochs: 0 },
      ...{ labels: classes, cacheDir, maxPixels: MAX_PIXELS },
    },
    log,
  );
  await features.close();
  const reader = new FeatureReader(features.layout, 'embedding');
  const values = await reader.read(features.validation.map(({ plain }) => plain)).finally(() => reader.close());
  // A picture in tiles has several embeddings; each is judged as the whole picture.
  const pictures = features.validation.map(({ picture }) => picture);
  const labels = features.validation.map(({ label }) => label);
  const sums = samples.map(() => new Float64Array(classes.length));
  const judged = probeOutOfFold({
    ...{ values, width: reader.length, labels, classes: classes.length, seed: plan.seed },
    folds: pictures.map((picture) => foldOf.get(samples[picture]?.path ?? '') ?? Number.NaN),
    taught: [...pictures.keys()],
    onProgress: (done, total) => log.progress({ step: 'probe', done, total }),
  });
  for (const [row, probabilities] of judged.entries()) {
    const own = sums[pictures[row] as number] as Float64Array;
    for (const [i, probability] of probabilities.entries()) own[i] = (own[i] as number) + probability;
  }
  const opinions = samples.map((sample, i): Opinion => {
    const own = sums[i] as Float64Array;
    const total = own.reduce((sum, value) => sum + value, 0);
    const probabilities = own.map((value) => value / total);
    return { sample, label: classes.indexOf(sample.label), probabilities };
  });
  return { opinions, classes };
}

/** The fold says that whoever scored a picture had not learnt it: scores without one, as `evaluate` writes, may be of training. */
const Scores = z.array(
  z.object({ path: z.string().min(1), score: z.coerce.number().min(0).max(1), fold: z.string().min(1) }),
);

/**
 * Take the scores a k-fold training wrote, `path,label,score,fold`, instead: score is the probability of a defect.
 * Pictures it does not score are left out: a test side is in no fold.
 * @throws InputError SCORES_INVALID when it cannot be read or scores no picture of the data
 */
export async function readOpinions(file: string, dataset: Dataset): Promise<Opinions> {
  const refuse = (problem: string, cause?: unknown): InputError =>
    new InputError(
      'SCORES_INVALID',
      `Scores ${file} cannot be used: ${problem}. Expected a CSV path,label,score,fold of pictures in ${dataset.dir}, scores from 0 to 1, as a training with folds writes it (folds.csv).`,
      { cause },
    );
  let rows: z.infer<typeof Scores>;
  try {
    rows = Scores.parse(parse(await readFile(file, 'utf8'), { columns: true, bom: true, trim: true }));
  } catch (cause) {
    throw refuse(messageOf(cause), cause);
  }
  const scores = new Map(rows.map(({ path, score }) => [path, score]));
  const judged = dataset.samples.filter(({ path }) => scores.has(path));
  if (judged.length === 0) throw refuse('it scores no picture of the data');
  const opinions = judged.map((sample): Opinion => {
    const score = scores.get(sample.path) ?? Number.NaN;
    return { sample, label: sample.label === GOOD ? 0 : 1, probabilities: [1 - score, score] };
  });
  return { opinions, classes: [GOOD, 'defect'] };
}
