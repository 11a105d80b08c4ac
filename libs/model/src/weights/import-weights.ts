import { basename } from 'node:path';
import { InputError } from '#contracts';
import { countParameters } from '../backbones/demand.js';
import { readCheckpoint } from './checkpoint.js';
import { chooseColours } from './colours.js';
import { foldWeights } from './fold-weights.js';
import { readWhole } from './read-whole.js';
import { type StoredWeights, WeightsRecord } from './record.js';
import { addWeights, hashOf, isSame, listWeights, nameInStore } from './store.js';

export interface ImportRequest {
  readonly file: string;
  /** Name of the network the file is for. */
  readonly backbone: string;
  /** Library the file comes from, where the file itself leaves it open. */
  readonly variant?: string | undefined;
  /** What to call the weights; default from network, library and hash. */
  readonly id?: string | undefined;
  readonly licence?: string | undefined;
  readonly origin?: string | undefined;
  /** Layers of the file that are no part of the network: a head of one's own. */
  readonly leaveOut?: readonly string[] | undefined;
  /** What the network reads, where the file does not tell: as {@link chooseColours} takes it. */
  readonly colours?: string | undefined;
  /** The store. */
  readonly dir: string;
  /** Now, ISO 8601. */
  readonly importedTs: string;
}

const NOT_STATED = 'not stated';

/**
 * Check a checkpoint from its bytes to its layers and put it into the store as it came, with where it comes from.
 * @returns what lies in the store; not new when the same file was imported before
 * @throws what {@link readCheckpoint}, {@link foldWeights}, {@link chooseColours} and {@link addWeights} throw, naming the file
 */
export async function importWeights(request: ImportRequest): Promise<{ weights: StoredWeights; isNew: boolean }> {
  const bytes = await readWhole(request.file);
  const record = await nameFile(request.file, () => describeFile(bytes, request));
  if (request.id === undefined) {
    const there = (await listWeights(request.dir)).find((weights) => isSame(weights, record));
    if (there !== undefined) return { weights: there, isNew: false };
  }
  return addWeights(request.dir, { record, bytes });
}

async function describeFile(bytes: Uint8Array, request: ImportRequest): Promise<WeightsRecord> {
  const { backbone, row, raw, left, published } = await readCheckpoint(bytes, request);
  foldWeights(backbone, raw);
  const read = chooseColours(backbone, { row, stated: request.colours });
  const sha256 = hashOf(bytes);
  const { name, layers } = backbone;
  const { layout } = row;
  const variant = WeightsRecord.shape.variant.parse(backbone.variant);
  const file = basename(request.file);
  const own = published === null ? `${name}-${variant}-${sha256.slice(0, 8)}` : `${name}-imagenet`;
  return {
    id: request.id ?? own,
    backbone: name,
    variant,
    layout,
    file: nameInStore(file),
    sha256,
    licence: request.licence ?? (published === null ? NOT_STATED : (backbone.licence ?? NOT_STATED)),
    origin: request.origin ?? (published === null ? `${file} (${layout})` : `Keras Applications, ${published.file}`),
    ...read,
    parameters: countParameters(layers),
    leaveOut: [...(request.leaveOut ?? [])],
    left: [...left],
    importedTs: request.importedTs,
  };
}

/** The readers know bytes only; a person wants to know which file. */
async function nameFile<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof InputError) throw new InputError(cause.code, `${file}: ${cause.message}`, { cause });
    throw cause;
  }
}
