import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { InputError } from '#contracts';
import { applyLayers } from './backbones/apply-layers.js';
import { type Backbone, layerAtCut, layersBehind, shapeAtCut } from './backbones/backbone.js';
import { applyGuard } from './guard/layers.js';
import { applyHead, applyPooling, embeddingSize, type Head, type Pooling, penultimateSize } from './head.js';

/** Side lengths of the picture a network reads, pixels. */
export interface InputSize {
  readonly height: number;
  readonly width: number;
}

/** Where a network is cut in two: before a block (0 = after the stem), or after pooling (`embedding`: only the head is open). */
export type Cut = number | 'embedding';

export const PICTURE_INPUT = 'picture';
const CUT_INPUT = 'cut';
const MASK_INPUT = 'mask';

/**
 * Whole network: normalised picture [n, h, w, 3] -> probabilities [n, labels]; with a guard also distance [n, 1].
 * @param guardAt layer whose pooled output the guard measures; null = no guard
 * @throws InputError BACKBONE_SIZE
 */
export function buildNetwork(
  backbone: Backbone,
  head: Head,
  { guardAt = null, ...size }: InputSize & { readonly guardAt?: string | null },
): LayersModel {
  const { picture, embedding } = applyBase(backbone, size, head.pooling);
  const drop = (x: SymbolicTensor) =>
    layers.dropout({ name: 'dropout', rate: head.dropout }).apply(x) as SymbolicTensor;
  const probabilities = applyHead(embedding, { head, activation: 'softmax', drop });
  if (guardAt === null) return model({ name: backbone.name, inputs: picture, outputs: probabilities });
  const plain = model({ inputs: picture, outputs: probabilities });
  const distance = applyGuard(plain.getLayer(guardAt).output as SymbolicTensor);
  return model({ name: backbone.name, inputs: picture, outputs: [probabilities, distance] });
}

/**
 * Base without a head: normalised picture [n, h, w, 3] -> embedding [n, c].
 * @throws InputError BACKBONE_SIZE
 */
export function buildBase(backbone: Backbone, size: InputSize, pooling: Pooling = 'average'): LayersModel {
  const { picture, embedding } = applyBase(backbone, size, pooling);
  return model({ name: backbone.name, inputs: picture, outputs: embedding });
}

function applyBase(
  backbone: Backbone,
  size: InputSize,
  pooling: Pooling | undefined,
): Record<'picture' | 'embedding', SymbolicTensor> {
  assertSize(backbone, size);
  const picture = input({ name: PICTURE_INPUT, shape: [size.height, size.width, 3] });
  const featureMap = applyLayers(backbone.folded, { name: PICTURE_INPUT, value: picture });
  return { picture, embedding: applyPooling(featureMap, pooling) };
}

/** Every network halves its map five times: below this side nothing is left of it, as Keras says too. */
const SMALLEST_SIDE = 32;

function assertSize({ name }: Backbone, { height, width }: InputSize): void {
  if (height >= SMALLEST_SIDE && width >= SMALLEST_SIDE) return;
  throw new InputError(
    'BACKBONE_SIZE',
    `Pictures of ${width}x${height} are too small for ${name}: expected ${SMALLEST_SIDE} pixels or more on each side. Set resize.width and resize.height.`,
  );
}

export interface TailOptions {
  readonly backbone: Backbone;
  readonly head: Head;
  readonly size: InputSize;
  readonly cut: Cut;
  /** Layers behind the cut that do not learn; default none. */
  readonly frozen?: readonly string[];
}

/**
 * What is trained: the open part of a network, from the cut to the logits.
 * Inputs [cut map or embedding, dropout mask [n, penultimate]]; output logits [n, labels].
 * @throws InputError BACKBONE_SIZE
 */
export function buildTail({ backbone, head, size, cut, frozen = [] }: TailOptions): LayersModel {
  assertSize(backbone, size);
  const shape =
    cut === 'embedding' ? [embeddingSize(head.pooling, backbone.featureSize)] : [...shapeAtCut(backbone, cut, size)];
  const cutMap = input({ name: CUT_INPUT, shape });
  const embedding = cut === 'embedding' ? cutMap : applyPooling(applyOpen(backbone, cut, cutMap), head.pooling);
  const mask = input({ name: MASK_INPUT, shape: [penultimateSize(head, backbone.featureSize)] });
  const drop = (x: SymbolicTensor) => layers.multiply({ name: 'drop' }).apply([x, mask]) as SymbolicTensor;
  const logits = applyHead(embedding, { head, activation: 'linear', drop });
  const tail = model({ name: 'tail', inputs: [cutMap, mask], outputs: logits });
  for (const name of frozen) tail.getLayer(name).trainable = false;
  return tail;
}

function applyOpen(backbone: Backbone, cut: number, cutMap: SymbolicTensor): SymbolicTensor {
  return applyLayers(layersBehind(backbone, cut), { name: layerAtCut(backbone, cut), value: cutMap });
}

/** Values in one picture's tensor at the cut. */
export function cutLength(backbone: Backbone, size: InputSize, cut: Cut): number {
  if (cut === 'embedding') return backbone.featureSize;
  return shapeAtCut(backbone, cut, size).reduce((product, side) => product * side, 1);
}

/** Side lengths of the map at the cut, cells; null for an embedding, which has no places. */
export function mapSizeOf({ backbone, size, cut }: Omit<TailOptions, 'head' | 'frozen'>): InputSize | null {
  if (cut === 'embedding') return null;
  const [height, width] = shapeAtCut(backbone, cut, size);
  return { height, width };
}
