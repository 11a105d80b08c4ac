import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DependencyError, InputError, messageOf, RefusedError } from '#contracts';
import { readCheckpoint } from './checkpoint.js';
import { foldWeights } from './fold-weights.js';
import { readWhole } from './read-whole.js';
import { BUILT_IN_WEIGHTS, openRecord, type StoredWeights, WeightsId, WeightsRecord } from './record.js';
import type { WeightMap } from './weight-map.js';

/**
 * Weights of an installation: a folder per id with the file as it came and its record beside it, and before them those
 * that came with the product. A folder appears whole, by a rename, or not at all; one that begins with a dot is
 * unfinished.
 */
const RECORD = 'weights.json';

/** What a file is called in the store: never as its record is. */
export function nameInStore(file: string): string {
  return file === RECORD ? `imported-${file}` : file;
}

/**
 * All weights, the product's own first.
 * @param dir the store; it need not exist
 * @throws InputError WEIGHTS_RECORD naming a record that cannot be read
 */
export async function listWeights(dir: string): Promise<StoredWeights[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw new DependencyError(
      'WEIGHTS_STORE',
      `Weights store ${dir} cannot be read: ${messageOf(cause)}. Expected a folder that this user may read.`,
      { cause },
    );
  });
  const ids = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
  return [...BUILT_IN_WEIGHTS, ...(await Promise.all(ids.sort().map((id) => readRecord(dir, id))))];
}

/**
 * Weights by their id.
 * @throws InputError WEIGHTS_UNKNOWN listing the ids that exist, WEIGHTS_RECORD
 */
export async function findWeights(id: string, dir: string): Promise<StoredWeights> {
  const all = await listWeights(dir);
  const found = all.find((weights) => weights.id === id);
  if (found !== undefined) return found;
  const ids = all.map((weights) => weights.id).join(', ');
  throw new InputError(
    'WEIGHTS_UNKNOWN',
    `No weights named ${id} in ${dir}. Known: ${ids}. \`lineside weights import\` adds more.`,
  );
}

/**
 * Load weights and check them against their network.
 * @returns kernels and biases of the folded layers
 * @throws InputError WEIGHTS_UNREADABLE when the file is missing, WEIGHTS_HASH when it is not the one that was imported
 */
export async function loadWeights(stored: StoredWeights): Promise<WeightMap> {
  const { id, file, sha256, backbone, variant, leaveOut } = stored;
  const bytes = await readWhole(file);
  const found = hashOf(bytes);
  if (found !== sha256) {
    throw new InputError(
      'WEIGHTS_HASH',
      `Weights ${id} have sha256 ${found}, expected ${sha256}: the file was changed. Restore it, or import it again.`,
    );
  }
  const checkpoint = await readCheckpoint(bytes, { backbone: backbone.name, variant, leaveOut });
  return foldWeights(backbone, checkpoint.raw);
}

/**
 * Put weights into the store.
 * @param record `sha256` is of `bytes`
 * @returns what lies in the store, and whether this call put it there
 * @throws RefusedError WEIGHTS_TAKEN when other weights have the id, InputError WEIGHTS_ID, DependencyError WEIGHTS_STORE
 */
export async function addWeights(
  dir: string,
  { record, bytes }: { record: WeightsRecord; bytes: Uint8Array },
): Promise<{ weights: StoredWeights; isNew: boolean }> {
  const { id } = record;
  if (!WeightsId.safeParse(id).success)
    throw new InputError('WEIGHTS_ID', `Weights cannot be called ${id}: expected small letters, digits, dots, dashes.`);
  const there = (await listWeights(dir)).find((weights) => weights.id === id);
  if (there !== undefined) {
    if (isSame(there, record)) return { weights: there, isNew: false };
    throw new RefusedError(
      'WEIGHTS_TAKEN',
      `${id} is taken by other weights (${there.origin}, sha256 ${there.sha256.slice(0, 12)}). Choose another id with --as.`,
    );
  }
  const unfinished = join(dir, `.${randomUUID()}`);
  try {
    await mkdir(unfinished, { recursive: true });
    await writeFile(join(unfinished, record.file), bytes, { flush: true });
    await writeFile(join(unfinished, RECORD), `${JSON.stringify(record, null, 2)}\n`, { flush: true });
    await rename(unfinished, join(dir, id));
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true });
    throw new DependencyError(
      'WEIGHTS_STORE',
      `Weights ${id} cannot be written to ${dir}: ${messageOf(cause)}. Nothing was imported. Check permissions and free disk space.`,
      { cause },
    );
  }
  return { weights: openRecord(record, join(dir, id, record.file)), isNew: true };
}

/**
 * Take imported weights out of the store, file and record.
 * @throws InputError WEIGHTS_UNKNOWN, RefusedError WEIGHTS_BUILT_IN
 */
export async function removeWeights(id: string, dir: string): Promise<void> {
  const { isBuiltIn } = await findWeights(id, dir);
  if (isBuiltIn) throw new RefusedError('WEIGHTS_BUILT_IN', `${id} came with the product and stays.`);
  const unfinished = join(dir, `.${randomUUID()}`);
  await rename(join(dir, id), unfinished);
  await rm(unfinished, { recursive: true, force: true });
}

/** Whether a file in the store is this one, read in the same way. */
export function isSame(stored: StoredWeights, record: WeightsRecord): boolean {
  return (
    stored.sha256 === record.sha256 &&
    stored.backbone.name === record.backbone &&
    stored.variant === record.variant &&
    stored.leaveOut.join() === record.leaveOut.join() &&
    JSON.stringify(stored.normalise) === JSON.stringify(record.normalise)
  );
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function readRecord(dir: string, id: string): Promise<StoredWeights> {
  const file = join(dir, id, RECORD);
  try {
    const record = WeightsRecord.parse(JSON.parse(await readFile(file, 'utf8')));
    if (record.id !== id) throw new Error(`it is of ${record.id}`);
    return openRecord(record, join(dir, id, record.file));
  } catch (cause) {
    throw new InputError(
      'WEIGHTS_RECORD',
      `Record ${file} cannot be read: ${messageOf(cause)}. Restore it, or remove the folder and import the weights again.`,
      { cause },
    );
  }
}
