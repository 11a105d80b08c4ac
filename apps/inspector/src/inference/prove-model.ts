import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '#contracts';
import { decide, defectScore } from '#model/decide';
import type { EncodedPicture } from './protocol.js';
import { nameScores, type OpenModel, scorePictures } from './score-pictures.js';

/** Largest difference of a golden score: the export's own limit (1e-4) and one step of a decoder's rounding. */
const TOLERANCE = 1e-3;

/**
 * Score the golden pictures on the line's own road, one by one and in a full batch, and compare with the certified
 * scores: proves decoder, preprocessing and graph on this machine, and warms the session up.
 * @throws InputError GOLDEN_CHECK naming each picture that came out differently
 */
export async function proveModel(model: OpenModel & { readonly dir: string; readonly batch: number }): Promise<void> {
  const pictures = await Promise.all(
    model.card.golden.map(async ({ file }): Promise<EncodedPicture> => {
      return { bytes: await readFile(join(model.dir, file)), roi: null };
    }),
  );
  const single = await Promise.all(pictures.map((picture) => scorePictures(model, [picture])));
  const batch = Array.from({ length: model.batch }, (_, i) => pictures.slice(i % pictures.length)[0]);
  const batched = await scorePictures(
    model,
    batch.filter((picture) => picture !== undefined),
  );
  const problems = model.card.golden.flatMap(({ file, score: certified }, i) =>
    [single[i]?.[0], batched[i]].flatMap((result) => {
      if (result === undefined) return [];
      if (!result.ok) return [`${file}: ${result.reason}`];
      const { labels, good, operatingPoint } = model.card;
      const labelled = { scores: nameScores(labels, result.scores), good };
      const score = defectScore(labelled);
      const isSame = decide(labelled, operatingPoint).verdict === verdictOf(certified, model);
      return Math.abs(score - certified) <= TOLERANCE && isSame ? [] : [`${file}: ${score} instead of ${certified}`];
    }),
  );
  if (problems.length === 0) return;
  throw new InputError(
    'GOLDEN_CHECK',
    `Model ${model.card.id} does not repeat its certified scores (within ${TOLERANCE}): ${problems.join('; ')}. Train or export it again on this version.`,
  );
}

function verdictOf(score: number, { card: { good, operatingPoint } }: OpenModel): string {
  return decide({ scores: { [good]: 1 - score }, good }, operatingPoint).verdict;
}
