import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, messageOf, RefusedError } from '#contracts';
import { foldWeights } from '#model/weights/fold-weights';
import { KNOWN_WEIGHTS, type KnownWeights } from '#model/weights/known';
import { readLiteCheckpoint } from '#model/weights/lite-checkpoint';
import { readSafetensors } from '#model/weights/safetensors';
import { writeWhole } from '../../../trainer/src/write-whole.js';

/**
 * Check a checkpoint from its bytes to its layers and put it where trainings find it. Weights have a licence and an
 * origin on record or they do not come in: a file is known by its hash.
 * @param known rows to look in; the installation's own by default
 * @throws InputError WEIGHTS_UNREADABLE | WEIGHTS_MISSING | WEIGHTS_UNUSED, RefusedError WEIGHTS_UNKNOWN
 */
export async function importWeights(
  file: string,
  known: readonly KnownWeights[] = KNOWN_WEIGHTS,
): Promise<{ id: string; isNew: boolean }> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new InputError('WEIGHTS_UNREADABLE', `Weights ${file} cannot be read: ${messageOf(cause)}.`, { cause });
  });
  const tensors = nameFile(file, () => readSafetensors(bytes));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const row = known.find((weights) => weights.sha256 === sha256);
  if (row === undefined) {
    throw new RefusedError(
      'WEIGHTS_UNKNOWN',
      `Weights ${file} (sha256 ${sha256}) are not on record: expected one of ${known.map(({ id }) => id).join(', ')}. Weights need a licence and an origin before a model may start from them.`,
    );
  }
  nameFile(file, () => foldWeights(row.backbone, readLiteCheckpoint(tensors, row.backbone)));
  const target = fileURLToPath(row.file);
  const there = await readFile(target).catch(() => null);
  if (there?.equals(bytes)) return { id: row.id, isNew: false };
  await mkdir(dirname(target), { recursive: true });
  await writeWhole(target, bytes);
  return { id: row.id, isNew: true };
}

/** The readers know bytes only; a person wants to know which file. */
function nameFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof InputError) throw new InputError(cause.code, `${file}: ${cause.message}`, { cause });
    throw cause;
  }
}
