import { z } from 'zod';
import { type Figures, InputError, type Place, type Precision } from '#contracts';
import type { Artefact } from '#model/artefact';
import type { ModelCard } from '#model/card';
import type { Dataset, Sample, Subset } from '#model/dataset/sample';
import { describeUnfamiliar } from '#model/guard/unfamiliar';
import { describeScores } from '#model/metrics-figures';
import { limitPictureThreads } from '#model/preprocess/decode';
import { checkGolden } from '#model/runtime/golden-check';
import { openForMany } from '#model/runtime/open-session';
import { EVERYWHERE } from '#model/runtime/place';
import { type DataChoice, readChosen } from '../data-choice.js';
import { MAX_PIXELS } from '../limits.js';
import { type ChosenPictures, choosePictures } from './choose-pictures.js';
import { describeCopies } from './copies.js';
import { type Scored, scoreWith } from './score.js';

export interface JudgeRequest {
  readonly artefact: Artefact;
  /** Where the model computes; what is left out is ONNX Runtime on the CPU in fp32. */
  readonly place?: Partial<Place>;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface EvaluationRequest extends JudgeRequest, DataChoice {
  /** Default: what the model has neither learnt nor chosen by, as {@link choosePictures} says. */
  readonly subset?: Subset | 'all' | undefined;
}

export interface EvaluationResult extends Omit<ChosenPictures, 'samples'> {
  readonly evaluation: Figures;
  /** What there is to say against these pictures: some that the model knows in other bytes, many that its guard does not know. */
  readonly doubts: readonly string[];
  readonly scored: readonly Scored[];
  /** What computed, in words, and which of the model's graphs. */
  readonly runtime: string;
  readonly precision: Precision;
}

/**
 * Judge one side of a labelled data set with a trained model at its own operating point.
 * @throws InputError as `readDataset`; SUBSET_EMPTY; SUBSET_LEARNT; IMAGE_UNREADABLE; MODEL_UNREADABLE; PRECISION_MISSING;
 *   GOLDEN_CHECK
 * @throws DependencyError RUNTIME_MISSING
 */
export async function evaluateModel(request: EvaluationRequest): Promise<EvaluationResult> {
  const { artefact } = request;
  const dataset = await readAsTrained(request, artefact.card);
  const { samples, ...chosen } = await choosePictures({ dataset, asked: request.subset, models: [artefact] });
  const judged = await judgePictures(samples, request);
  const evaluation = describeScores(judged.scored, artefact.card.operatingPoint);
  const doubts = [
    ...(await doubtPictures(samples, request.subset, [artefact])),
    ...describeUnfamiliar({ pictures: evaluation.atThreshold }, artefact.card.guard),
  ];
  return { ...chosen, ...judged, evaluation, doubts };
}

/** Who asks for train, validation or all by name knows that their figures flatter. */
export async function doubtPictures(
  samples: readonly Sample[],
  asked: EvaluationRequest['subset'],
  models: readonly Artefact[],
): Promise<string[]> {
  return asked === undefined || asked === 'test' ? describeCopies(samples, models) : [];
}

/**
 * Let a model score pictures.
 * @throws InputError IMAGE_UNREADABLE; MODEL_UNREADABLE; PRECISION_MISSING; GOLDEN_CHECK
 * @throws DependencyError RUNTIME_MISSING
 */
export async function judgePictures(
  samples: readonly Sample[],
  { artefact, place, onProgress }: JudgeRequest,
): Promise<Pick<EvaluationResult, 'scored' | 'runtime' | 'precision'>> {
  // Many pictures at a time.
  limitPictureThreads(1);
  const limits = { maxPixels: MAX_PIXELS };
  const session = await openForMany(artefact, place);
  try {
    const precision = place?.precision ?? EVERYWHERE.precision;
    await checkGolden({ artefact, session, precision, ...limits });
    const { card } = artefact;
    const { preprocess } = card;
    const scored = await scoreWith(session, samples, { readout: card, preprocess, onProgress, ...limits });
    return { scored, runtime: session.runtime, precision };
  } finally {
    await session.close();
  }
}

/** What a plan says of columns. */
const Columns = z.object({
  splitBy: z.string().nullable().optional(),
  stratifyBy: z.string().nullable().optional(),
});

/**
 * Read labelled pictures by the columns that the model's own data was read by; other data may not have them. One kind alone
 * will do: good parts, or defects that the model knows by name.
 * @throws InputError as `readDataset`
 */
export async function readAsTrained(choice: DataChoice, { plan, labels }: ModelCard): Promise<Dataset> {
  const asked = { ...choice, judgedBy: labels };
  try {
    return await readChosen(asked, Columns.safeParse(plan).data ?? {});
  } catch (error) {
    if (error instanceof InputError && error.code === 'CSV_INVALID') return readChosen(asked, {});
    throw error;
  }
}
