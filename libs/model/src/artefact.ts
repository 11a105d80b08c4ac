import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InputError, messageOf } from '#contracts';
import { ModelCard } from './card.js';

/** A trained model on disk, its files equal to what its card says. */
export interface Artefact {
  readonly dir: string;
  readonly card: ModelCard;
  /** Hash of `card.json` as it lies there: names the model in every verdict. */
  readonly cardSha256: string;
  /** Absolute path of the ONNX graph. */
  readonly graphFile: string;
}

export const CARD_FILE = 'card.json';

/**
 * Open an artefact directory (`card.json` and the files it lists) and check the hash of every file.
 * @throws InputError MODEL_MISSING (no card there), CARD_INVALID, MODEL_HASH (a file is gone or was changed)
 */
export async function openArtefact(dir: string): Promise<Artefact> {
  const bytes = await readFile(join(dir, CARD_FILE)).catch((cause: unknown) => {
    throw new InputError(
      'MODEL_MISSING',
      `No model in ${dir}: ${messageOf(cause)}. Expected the directory of a trained model, with its ${CARD_FILE}.`,
      { cause },
    );
  });
  const card = parseCard(bytes, dir);
  const changed = (
    await Promise.all(
      Object.entries(card.files).map(async ([file, sha256]) =>
        (await hashFile(join(dir, file)).catch(() => null)) === sha256 ? [] : [file],
      ),
    )
  ).flat();
  if (!(card.graph.file in card.files)) changed.push(card.graph.file);
  if (changed.length > 0) {
    throw new InputError(
      'MODEL_HASH',
      `Model ${card.id} in ${dir} is not what its card says: ${changed.join(', ')} missing or changed. Take the model from its registry again.`,
    );
  }
  const cardSha256 = createHash('sha256').update(bytes).digest('hex');
  return { dir, card, cardSha256, graphFile: join(dir, card.graph.file) };
}

function parseCard(bytes: Buffer, dir: string): ModelCard {
  try {
    return ModelCard.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw new InputError(
      'CARD_INVALID',
      `Model card ${join(dir, CARD_FILE)} cannot be read: ${messageOf(cause)}. Expected schema lineside.card/1.`,
      { cause },
    );
  }
}

/** sha256 of a file's bytes, read as a stream. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
