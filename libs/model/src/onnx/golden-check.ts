import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, messageOf } from '#contracts';
import { type Artefact, openArtefact } from '../artefact.js';
import { defectScore } from '../decide.js';
import { verdictOf } from '../operating-point.js';
import { preparePicture } from '../preprocess/preprocess.js';
import { scoreBatch } from './score-batch.js';
import { OnnxSession } from './session.js';

/**
 * A score may differ by this much between machines: another CPU sums in another order and another build of a decoder
 * rounds a pixel differently. Golden pictures lie at least twice as far from the edges of the grey zone.
 */
export const GOLDEN_TOLERANCE = 0.01;

/** A model that has shown on this machine, in this process, that it is the certified one. Its opener closes the session. */
export interface ProvenModel {
  readonly artefact: Artefact;
  readonly session: OnnxSession;
}

/**
 * Open an artefact, check every file's hash against the card, and let its graph repeat the certified scores of its
 * golden pictures.
 * @param options `threads` of one run, default 1; `outputs` to compute, default the probabilities
 * @throws InputError MODEL_MISSING | CARD_INVALID | MODEL_HASH | MODEL_UNREADABLE | MODEL_SHAPE | MODEL_OUTPUT |
 *   GOLDEN_CHECK; the session is closed then
 */
export async function openProven(
  dir: string,
  options: { maxPixels: number; threads?: number; outputs?: readonly string[] },
): Promise<ProvenModel> {
  const artefact = await openArtefact(dir);
  const { maxPixels, threads, outputs = [artefact.card.graph.outputs.probabilities] } = options;
  const session = await OnnxSession.open(artefact.graphFiles.fp32, { threads, outputs });
  try {
    await checkGolden({ artefact, session, maxPixels });
    return { artefact, session };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/**
 * Compare the golden pictures' scores with the certified ones: proves decoder, preprocessing and graph of this machine,
 * and warms the session up.
 * @throws InputError GOLDEN_CHECK naming the runtime and each picture whose score differs by more than 0.01, whose
 *   verdict flips, or that cannot be read
 */
export async function checkGolden(options: {
  artefact: Artefact;
  session: OnnxSession;
  maxPixels: number;
}): Promise<void> {
  const { card } = options.artefact;
  const problems: string[] = [];
  for (const { file, scores } of card.golden) {
    const problem = await compareOne({ ...options, file, certified: scores.fp32 });
    if (problem !== null) problems.push(`${file}: ${problem}`);
  }
  if (problems.length === 0) return;
  throw new InputError(
    'GOLDEN_CHECK',
    `Model ${card.id} does not repeat its certified scores on ${OnnxSession.runtime}, expected within ${GOLDEN_TOLERANCE} and the same verdict: ${problems.join('; ')}. It was certified on ${card.precisions[0]?.certification?.runtime}; export it again or repair this machine.`,
    { details: { pictures: problems.length, runtime: OnnxSession.runtime } },
  );
}

async function compareOne({
  artefact: { dir, card },
  session,
  maxPixels,
  file,
  certified,
}: {
  artefact: Artefact;
  session: OnnxSession;
  maxPixels: number;
  file: string;
  certified: number;
}): Promise<string | null> {
  let score: number;
  try {
    const picture = await preparePicture(await readFile(join(dir, file)), { preprocess: card.preprocess, maxPixels });
    const [scores] = await scoreBatch(session, card, [picture]);
    score = scores === undefined ? Number.NaN : defectScore(scores);
  } catch (error) {
    return messageOf(error);
  }
  const [own, other] = [verdictOf(score, card.operatingPoint), verdictOf(certified, card.operatingPoint)];
  if (own !== other) return `score ${score} is ${own}, certified was ${certified}, ${other}`;
  return Math.abs(score - certified) <= GOLDEN_TOLERANCE ? null : `score ${score}, certified was ${certified}`;
}
