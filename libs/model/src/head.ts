import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { UNFILLED } from './backbones/apply-layers.js';
import type { StoredTensor } from './weights/safetensors.js';
import type { WeightMap } from './weights/weight-map.js';

/** `both` reads the mean and the peak of every channel: a small defect is a peak that the mean of a large map hides. */
export const POOLINGS = ['average', 'max', 'both'] as const;
export type Pooling = (typeof POOLINGS)[number];

/** The classifier on top of a backbone: pooling -> hidden dense layers (ReLU) -> dropout -> softmax over the labels. */
export interface Head {
  /** How a feature map becomes an embedding; default average. */
  readonly pooling?: Pooling;
  /** Units of the hidden layers; the classic recipe has [1024], an empty list is a linear head. */
  readonly units: readonly number[];
  /** Share of the last hidden activations dropped while training. */
  readonly dropout: number;
  /** Number of labels. */
  readonly labels: number;
}

export const EMBEDDING_LAYER = 'embedding';
export const OUTPUT_LAYER = 'probabilities';

/** Feature map [h, w, c] -> embedding [c], or [2 c] with both poolings: means first, then peaks. */
export function applyPooling(featureMap: SymbolicTensor, pooling: Pooling = 'average'): SymbolicTensor {
  const average = (name: string) => layers.globalAveragePooling2d({ name }).apply(featureMap) as SymbolicTensor;
  const max = (name: string) => layers.globalMaxPooling2d({ name }).apply(featureMap) as SymbolicTensor;
  switch (pooling) {
    case 'average':
      return average(EMBEDDING_LAYER);
    case 'max':
      return max(EMBEDDING_LAYER);
    case 'both': {
      const parts = [average(`${EMBEDDING_LAYER}_average`), max(`${EMBEDDING_LAYER}_max`)];
      return layers.concatenate({ name: EMBEDDING_LAYER }).apply(parts) as SymbolicTensor;
    }
  }
}

/** Length of the embedding that a pooling makes of so many channels. */
export function embeddingSize(pooling: Pooling | undefined, channels: number): number {
  return pooling === 'both' ? 2 * channels : channels;
}

/**
 * Embedding [c] -> probabilities or logits [labels].
 * @param drop what stands for dropout: a layer when the network is exported, a mask input while it trains
 */
export function applyHead(
  embedding: SymbolicTensor,
  options: { head: Head; activation: 'softmax' | 'linear'; drop: (x: SymbolicTensor) => SymbolicTensor },
): SymbolicTensor {
  const { head, activation, drop } = options;
  const hidden = head.units.reduce(
    (x, units, i) =>
      layers
        .dense({ name: hiddenName(i), units, activation: 'relu', kernelInitializer: UNFILLED })
        .apply(x) as SymbolicTensor,
    embedding,
  );
  return layers
    .dense({ name: OUTPUT_LAYER, units: head.labels, activation, kernelInitializer: UNFILLED })
    .apply(drop(hidden)) as SymbolicTensor;
}

/** Width of the activations that dropout works on. */
export function penultimateSize(head: Head, featureSize: number): number {
  return head.units.at(-1) ?? embeddingSize(head.pooling, featureSize);
}

/** Fresh head weights: Glorot uniform (Glorot & Bengio 2010) from the given generator, zero biases. */
export function initHead(head: Head, featureSize: number, random: RandomGenerator): WeightMap {
  const weights = new Map<string, StoredTensor>();
  let fanIn = embeddingSize(head.pooling, featureSize);
  for (const [i, units] of [...head.units, head.labels].entries()) {
    const name = i === head.units.length ? OUTPUT_LAYER : hiddenName(i);
    const limit = Math.sqrt(6 / (fanIn + units));
    const kernel = Float32Array.from({ length: fanIn * units }, () => (2 * uniformFloat64(random) - 1) * limit);
    weights.set(`${name}/kernel`, { shape: [fanIn, units], data: kernel });
    weights.set(`${name}/bias`, { shape: [units], data: new Float32Array(units) });
    fanIn = units;
  }
  return weights;
}

/** True for weights of the head, which learn at their own rate. */
export function isHeadWeight(name: string): boolean {
  return name.startsWith('hidden') || name.startsWith(`${OUTPUT_LAYER}/`);
}

function hiddenName(i: number): string {
  return `hidden${i + 1}`;
}
