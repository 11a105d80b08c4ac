import type { Normalise } from '../card.js';
import type { RawWeights } from './fold-weights.js';

/** Keras divides by this at least. */
const LEAST_STD = 1e-7;
/** ImageNet's mean and standard deviation, as weights='imagenet' keeps them: the deviation where the variance belongs. */
const IMAGENET_MEAN = [0.485, 0.456, 0.406];
const IMAGENET_STD = [0.229, 0.224, 0.225];

/**
 * What an EfficientNet of Keras does to colours: /255, then the checkpoint's mean and variance, and with
 * weights='imagenet' a second scaling by 1/sqrt(0.229 0.224 0.225), since that variance is a deviation
 * (keras/applications/efficientnet.py).
 * @param rescalings how many scalings the file lists; null: the file lists no layers without weights, and ImageNet's own
 *   statistics are the sign of weights='imagenet'
 */
export function normaliseOf(raw: RawWeights, rescalings: number | null): Normalise {
  const mean = valuesOf(raw, 'mean');
  const variance = valuesOf(raw, 'variance');
  const isTwice = rescalings === null ? isImagenet(mean, variance) : rescalings > 1;
  const std = variance.map((value, i) => {
    const own = Math.max(Math.sqrt(value), LEAST_STD);
    return own * (isTwice ? Math.sqrt(IMAGENET_STD[i] ?? 1) : 1);
  });
  return { mean: toColours(mean), std: toColours(std) };
}

function valuesOf(raw: RawWeights, role: string): number[] {
  return [...(raw.get(`normalization/${role}`)?.data ?? [])];
}

function isImagenet(mean: readonly number[], variance: readonly number[]): boolean {
  const near = (values: readonly number[], expected: readonly number[]) =>
    expected.every((value, i) => Math.abs((values[i] ?? 0) - value) < 1e-6);
  return near(mean, IMAGENET_MEAN) && near(variance, IMAGENET_STD);
}

function toColours([red = 0, green = 0, blue = 0]: readonly number[]): [number, number, number] {
  return [255 * red, 255 * green, 255 * blue];
}
