import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InputError, messageOf, systemCodeOf } from '#contracts';
import { acceptedPrecisions, ModelCard, type Precision } from './card.js';

/** A trained model on disk, its files equal to what its card says. */
export interface Artefact {
  readonly dir: string;
  readonly card: ModelCard;
  /** Hash of `card.json` as it lies there: names the model in every verdict. */
  readonly cardSha256: string;
  /** Absolute paths of the ONNX graphs, one for each accepted precision. */
  readonly graphFiles: { readonly fp32: string } & Readonly<Partial<Record<Precision, string>>>;
}

export const CARD_FILE = 'card.json';
/** The trained network as a tfjs layers model, beside its graphs. */
export const TFJS_FILES = { topology: 'tfjs/model.json', weights: 'tfjs/weights.bin' } as const;

/**
 * Open an artefact directory (`card.json` and the files it lists) and check the hash of every file.
 * @param expected `cardSha256` the card that somebody vouched for: threshold, guard and region stand in it, and no file's
 *   hash tells that they were changed; null = whatever lies there
 * @throws InputError MODEL_MISSING (no card there), CARD_INVALID, MODEL_HASH (a file is gone or was changed)
 */
export async function openArtefact(
  dir: string,
  expected: { readonly cardSha256?: string | null } = {},
): Promise<Artefact> {
  const { card, cardSha256 } = await readCard(dir);
  if (expected.cardSha256 != null && expected.cardSha256 !== cardSha256) {
    throw new InputError(
      'MODEL_HASH',
      `Card of model ${card.id} in ${dir} is not the one that was promoted: expected sha256 ${expected.cardSha256}, got ${cardSha256}. Restore the model from a backup (docs/backup.md); another threshold is another model (lineside threshold).`,
    );
  }
  const graphs = acceptedPrecisions(card).map(({ precision, file }) => [precision, file] as const);
  const unlisted = graphs.flatMap(([, file]) => (file in card.files ? [] : [`${file} has no hash`]));
  const unfit = await Promise.all(
    Object.entries(card.files).map(async ([file, sha256]) => {
      const why = await whyUnfit(join(dir, file), sha256);
      return why === null ? [] : [`${file} ${why}`];
    }),
  );
  const problems = [...unfit.flat(), ...unlisted];
  if (problems.length > 0) {
    throw new InputError(
      'MODEL_HASH',
      `Model ${card.id} in ${dir} is not what its card says: ${problems.join(', ')}. Let this user read it, or take the model from its registry or a backup again.`,
    );
  }
  // The card's schema promises fp32.
  const graphFiles = Object.fromEntries(graphs.map(([precision, file]) => [precision, join(dir, file)])) as {
    fp32: string;
  };
  return { dir, card, cardSha256, graphFiles };
}

/** Null where a file is the one that was hashed. */
async function whyUnfit(file: string, sha256: string): Promise<string | null> {
  try {
    return (await hashFile(file)) === sha256 ? null : 'was changed';
  } catch (error) {
    const isMissing = systemCodeOf(error) === 'ENOENT';
    return isMissing ? 'is missing' : `cannot be read (${messageOf(error)})`;
  }
}

/**
 * Read the card of an artefact directory alone; its files are not looked at.
 * @throws InputError MODEL_MISSING | CARD_INVALID
 */
export async function readCard(dir: string): Promise<Pick<Artefact, 'card' | 'cardSha256'>> {
  const bytes = await readFile(join(dir, CARD_FILE)).catch((cause: unknown) => {
    throw new InputError(
      'MODEL_MISSING',
      `No model in ${dir}: ${messageOf(cause)}. Expected the directory of a trained model, with its ${CARD_FILE}.`,
      { cause },
    );
  });
  const card = parseCard(bytes.toString('utf8'), join(dir, CARD_FILE));
  return { card, cardSha256: createHash('sha256').update(bytes).digest('hex') };
}

/**
 * Read the text of a `card.json`.
 * @param file where it lies, for the message
 * @throws InputError CARD_INVALID for anything that is no card of this version
 */
export function parseCard(text: string, file: string): ModelCard {
  let value: unknown;
  try {
    value = JSON.parse(text);
    return ModelCard.parse(value);
  } catch (cause) {
    // What an older card does not say cannot be guessed.
    const told = isOlder(value)
      ? 'it was exported by an older version (lineside.card/1). Train the model again'
      : `${messageOf(cause)}. Expected schema lineside.card/2 as this version writes it: put a damaged card back from a backup (docs/backup.md), train a model of another version again`;
    throw new InputError('CARD_INVALID', `Model card ${file} cannot be read: ${told}.`, { cause });
  }
}

function isOlder(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'schema' in value && value.schema === 'lineside.card/1';
}

/** sha256 of a file's bytes, read as a stream. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
