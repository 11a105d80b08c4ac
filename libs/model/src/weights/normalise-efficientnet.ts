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
 * @param rescalings how many scalings the network has: one, or two with weights='imagenet'
 */
export function normaliseOf(raw: RawWeights, rescalings: number): Normalise {
  const mean = valuesOf(raw, 'mean');
  const variance = valuesOf(raw, 'variance');
  const std = variance.map((value, i) => {
    const own = Math.max(Math.sqrt(value), LEAST_STD);
    return own * (rescalings > 1 ? Math.sqrt(IMAGENET_STD[i] ?? 1) : 1);
  });
  return { mean: toColours(mean), std: toColours(std) };
}

function valuesOf(raw: RawWeights, role: string): number[] {
  return [...(raw.get(`normalization/${role}`)?.data ?? [])];
}

/**
 * The scalings of a network whose file lists no layers without weights: ImageNet's own statistics are the sign of
 * weights='imagenet', untouched ones of a network without. Null: adapted to other pictures, which tells nothing.
 */
export function rescalingsByStatistics(raw: RawWeights): number | null {
  const near = (role: string, expected: readonly number[]) =>
    valuesOf(raw, role).every((value, i) => Math.abs(value - (expected[i] ?? 0)) < 1e-6);
  if (near('mean', IMAGENET_MEAN) && near('variance', IMAGENET_STD)) return 2;
  return near('mean', [0, 0, 0]) && near('variance', [1, 1, 1]) ? 1 : null;
}

function toColours([red = 0, green = 0, blue = 0]: readonly number[]): [number, number, number] {
  return [255 * red, 255 * green, 255 * blue];
}
