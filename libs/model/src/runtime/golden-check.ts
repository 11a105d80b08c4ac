import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DependencyError, InputError, messageOf } from '#contracts';
import { type Artefact, openArtefact } from '../artefact.js';
import type { ModelCard, Precision } from '../card.js';
import { assertCertified } from '../certificate.js';
import { defectScore, isUnfamiliar, type LabelledScores, verdictOf } from '../decide.js';
import { preparePicture } from '../preprocess/preprocess.js';
import { type OpenOptions, openSession } from './open-session.js';
import { EVERYWHERE } from './place.js';
import { scoreBatch } from './score-batch.js';
import type { ModelSession } from './session.js';

/**
 * A score may differ by this much between machines: another CPU sums in another order and another build of a decoder
 * rounds a pixel differently. Golden pictures lie at least twice as far from the edges of the grey zone.
 */
const GOLDEN_TOLERANCE = 0.01;

/** A distance may differ by this share of the guard's limit; golden pictures lie at least twice as far below it. */
export const DISTANCE_TOLERANCE = 0.05;

/** A model that has shown on this machine, in this process, that it is the certified one. Its opener closes the session. */
export interface ProvenModel {
  readonly artefact: Artefact;
  readonly session: ModelSession;
}

/**
 * Open an artefact, check every file's hash against the card and that the card tells of a certified graph, and let it repeat the certified scores of its golden
 * pictures, in the runtime and the precision that will be used. `cardSha256`: as `openArtefact` has it.
 * @throws InputError MODEL_MISSING | CARD_INVALID | MODEL_HASH | GOLDEN_CHECK, RefusedError CERTIFICATION_FAILED and what
 *   `openSession` throws; the session is closed then
 */
export async function openProven(
  dir: string,
  options: OpenOptions & { maxPixels: number; cardSha256?: string | null },
): Promise<ProvenModel> {
  const { maxPixels, cardSha256, ...open } = options;
  const artefact = await openArtefact(dir, { cardSha256 });
  assertCertified(artefact.card);
  const session = await openSession(artefact, open);
  try {
    await checkGolden({ artefact, session, maxPixels, precision: open.precision ?? EVERYWHERE.precision });
    return { artefact, session };
  } catch (error) {
    await session.close();
    throw error;
  }
}

export interface GoldenCheck {
  readonly artefact: Artefact;
  readonly session: ModelSession;
  /** Of the session's graph: each precision has certified scores of its own. */
  readonly precision: Precision;
  readonly maxPixels: number;
}

/**
 * Compare the golden pictures' scores with the certified ones: proves decoder, preprocessing and graph of this machine,
 * and warms the session up.
 * @throws InputError GOLDEN_CHECK naming the runtime and each picture whose score differs by more than 0.01 or whose
 *   distance by more than a twentieth of the limit, whose verdict flips, or that cannot be read
 * @throws DependencyError RUNTIME_MISSING when the device cannot compute in this precision
 */
export async function checkGolden(check: GoldenCheck): Promise<void> {
  const { artefact, session, precision } = check;
  const { card } = artefact;
  const problems: string[] = [];
  for (const { file, scores, distances } of card.golden) {
    // The card's schema promises a score for each accepted precision, and a distance where there is a guard.
    const certified = { score: scores[precision] ?? Number.NaN, distance: distances?.[precision] ?? Number.NaN };
    const problem = await compareOne(check, { file, certified });
    if (problem !== null) problems.push(`${file}: ${problem}`);
  }
  if (problems.length === 0) return;
  const certified = card.precisions.find((entry) => entry.precision === precision)?.certification?.runtime;
  throw new InputError(
    'GOLDEN_CHECK',
    `Model ${card.id} (${precision}) does not repeat its certified scores on ${session.runtime}, expected within ${GOLDEN_TOLERANCE} and the same verdict: ${problems.join('; ')}. It was certified on ${certified}; export it again or repair this machine.`,
  );
}

async function compareOne(
  { artefact: { dir, card }, session, maxPixels }: GoldenCheck,
  { file, certified }: { file: string; certified: { score: number; distance: number } },
): Promise<string | null> {
  let labelled: LabelledScores | undefined;
  try {
    const picture = await preparePicture(await readFile(join(dir, file)), { preprocess: card.preprocess, maxPixels });
    [labelled] = await scoreBatch(session, card, [picture]);
  } catch (error) {
    if (error instanceof DependencyError) throw error;
    return messageOf(error);
  }
  if (labelled === undefined) return 'it gives no score';
  return (
    compareScore(defectScore(labelled), certified.score, card) ?? compareDistance(labelled, certified.distance, card)
  );
}

function compareScore(score: number, certified: number, { operatingPoint }: ModelCard): string | null {
  const [own, other] = [verdictOf(score, operatingPoint), verdictOf(certified, operatingPoint)];
  if (own !== other) return `score ${score} is ${own}, certified was ${certified}, ${other}`;
  return Math.abs(score - certified) <= GOLDEN_TOLERANCE ? null : `score ${score}, certified was ${certified}`;
}

function compareDistance(labelled: LabelledScores, certified: number, { guard }: ModelCard): string | null {
  if (guard === null) return null;
  const { distance = Number.NaN } = labelled;
  const isSame = isUnfamiliar(labelled, guard) === isUnfamiliar({ ...labelled, distance: certified }, guard);
  if (isSame && Math.abs(distance - certified) <= DISTANCE_TOLERANCE * guard.limit) return null;
  return `distance ${distance}, certified was ${certified}, familiar up to ${guard.limit}`;
}
