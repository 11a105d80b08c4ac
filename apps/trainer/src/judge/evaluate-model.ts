import { z } from 'zod';
import { type Figures, InputError, type Place, type Precision } from '#contracts';
import type { Artefact } from '#model/artefact';
import type { ModelCard } from '#model/card';
import { readDataset } from '#model/dataset/dataset';
import { fingerprint } from '#model/dataset/fingerprint';
import { verifyPictures } from '#model/dataset/pictures';
import { type Dataset, type Sample, type Subset } from '#model/dataset/sample';
import { splitDataset } from '#model/dataset/split';
import { describeScores } from '#model/metrics-figures';
import { limitPictureThreads } from '#model/preprocess/decode';
import { checkGolden } from '#model/runtime/golden-check';
import { openForMany } from '#model/runtime/open-session';
import { EVERYWHERE } from '#model/runtime/place';
import { MAX_PIXELS } from '../limits.js';
import { type Scored, scoreWith } from './score.js';

export interface EvaluationRequest {
  readonly artefact: Artefact;
  readonly data: string;
  readonly split?: string | undefined;
  readonly good?: readonly string[] | undefined;
  readonly groupColumn?: string | undefined;
  /** Default: the test side; every picture where the data has no sides and the model was not trained on it. */
  readonly subset?: Subset | 'all' | undefined;
  /** Where the model computes; what is left out is ONNX Runtime on the CPU in fp32. */
  readonly place?: Partial<Place>;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface EvaluationResult {
  readonly evaluation: Figures;
  readonly scored: readonly Scored[];
  readonly subset: Subset | 'all';
  /** What computed, in words, and which of the model's graphs. */
  readonly runtime: string;
  readonly precision: Precision;
}

/**
 * Judge one side of a labelled data set with a trained model at its own operating point.
 * @throws InputError as `readDataset`; SUBSET_EMPTY; IMAGE_UNREADABLE; ONE_CLASS; MODEL_UNREADABLE; PRECISION_MISSING;
 *   GOLDEN_CHECK
 * @throws DependencyError RUNTIME_MISSING
 */
export async function evaluateModel(request: EvaluationRequest): Promise<EvaluationResult> {
  const { artefact, place, onProgress } = request;
  // Many pictures at a time.
  limitPictureThreads(1);
  const { card } = artefact;
  const dataset = await readAsTrained(request, card);
  const { subset, samples } = await chooseSubset(dataset, request.subset, card);
  const limits = { maxPixels: MAX_PIXELS };
  const session = await openForMany(artefact, place);
  try {
    const precision = place?.precision ?? EVERYWHERE.precision;
    await checkGolden({ artefact, session, precision, ...limits });
    const { preprocess } = card;
    const scored = await scoreWith(session, samples, { readout: card, preprocess, onProgress, ...limits });
    const evaluation = describeScores(scored, card.operatingPoint);
    return { subset, scored, evaluation, runtime: session.runtime, precision };
  } finally {
    await session.close();
  }
}

/** What a plan says about sides; a card that says nothing cannot repeat its split. */
const Shares = z.object({
  validationShare: z.number(),
  testShare: z.number(),
  seed: z.number(),
  splitBy: z.string().nullable().optional(),
  stratifyBy: z.string().nullable().optional(),
});

/** By the columns the model's own split went by, unless others are asked for; other data may not have them. */
async function readAsTrained(request: EvaluationRequest, { plan }: ModelCard): Promise<Dataset> {
  const asked = { ...request, dir: request.data };
  const { splitBy, stratifyBy } = Shares.partial().safeParse(plan).data ?? {};
  const groupColumn = request.groupColumn ?? splitBy ?? undefined;
  try {
    return await readDataset({ ...asked, groupColumn, stratifyColumn: stratifyBy ?? undefined });
  } catch (error) {
    if (error instanceof InputError && error.code === 'CSV_INVALID') return readDataset(asked);
    throw error;
  }
}

async function chooseSubset(
  dataset: Dataset,
  asked: Subset | 'all' | undefined,
  card: ModelCard,
): Promise<{ subset: Subset | 'all'; samples: readonly Sample[] }> {
  if (asked === 'all') return { subset: 'all', samples: dataset.samples };
  const subset = asked ?? 'test';
  const given = dataset.samples.filter((sample) => sample.split === subset);
  if (given.length > 0) return { subset, samples: given };
  const repeated = await repeatSplit(dataset, card);
  if (repeated !== null && repeated[subset].length > 0) return { subset, samples: repeated[subset] };
  if (asked === undefined && dataset.samples.every(({ split }) => split === null)) {
    return { subset: 'all', samples: dataset.samples };
  }
  throw new InputError(
    'SUBSET_EMPTY',
    `${dataset.dir} has no ${subset} side: the data names none, and it is not what ${card.id} was trained on. Give a split with a ${subset} side, or judge every picture: --subset all.`,
  );
}

/** The sides training made itself come back from names and seed; the fingerprint proves that it is the same data. */
async function repeatSplit(dataset: Dataset, card: ModelCard): Promise<Record<Subset, readonly Sample[]> | null> {
  const shares = Shares.safeParse(card.plan);
  if (!shares.success) return null;
  const verified = await verifyPictures(dataset, { maxPixels: MAX_PIXELS });
  try {
    const split = { ...splitDataset(verified, shares.data) };
    return fingerprint([...split.train, ...split.val, ...split.test]) === card.data.fingerprint ? split : null;
  } catch (error) {
    // Too small to train on: other data, and no reason not to judge it.
    if (error instanceof InputError && error.code === 'TOO_FEW') return null;
    throw error;
  }
}
