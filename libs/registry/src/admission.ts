import { posix } from 'node:path';
import { InputError } from '#contracts';
import { type Artefact, CARD_FILE } from '#model/artefact';
import type { ModelCard } from '#model/card';
import { assertCertified } from '#model/certificate';

/** An id becomes a directory's name. */
const MODEL_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** True for an id that can be looked for; anything else names no model. */
export function isModelId(id: string): boolean {
  return MODEL_ID.test(id);
}

/**
 * The gate before the store: only a model with a sound card, whose exported graph was compared with the trained one.
 * Hashes were checked when the artefact was opened.
 * @throws InputError CARD_INVALID, RefusedError CERTIFICATION_FAILED
 */
export function assertAdmissible({ card, dir }: Artefact): void {
  assertNames(card, dir);
  assertCertified(card);
}

function assertNames(card: ModelCard, dir: string): void {
  const problems: string[] = [];
  if (!isModelId(card.id)) problems.push(`id ${JSON.stringify(card.id)} is no directory name`);
  if (!card.labels.includes(card.good)) problems.push(`good class ${card.good} is not among its labels`);
  for (const file of Object.keys(card.files)) if (!isInside(file)) problems.push(`file ${file} lies outside of it`);
  for (const { file } of card.golden) if (!(file in card.files)) problems.push(`golden picture ${file} has no hash`);
  const [low, high] = card.operatingPoint.greyZone;
  const { threshold } = card.operatingPoint;
  if (low > threshold || threshold > high) problems.push(`threshold ${threshold} is outside of its grey zone`);
  if (problems.length === 0) return;
  throw new InputError(
    'CARD_INVALID',
    `Model card ${dir}/${CARD_FILE} is refused: ${problems.join('; ')}. Export the model again.`,
  );
}

/** A file name that cannot leave the artefact's directory, nor replace its card. */
function isInside(file: string): boolean {
  const plain = posix.normalize(file) === file && !posix.isAbsolute(file) && !file.startsWith('..');
  return plain && !file.includes('\\') && file !== CARD_FILE && file !== '.';
}
