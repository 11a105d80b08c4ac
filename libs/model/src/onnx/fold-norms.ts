import { z } from 'zod';
import { InvariantError } from '#contracts';
import type { LayerWeights, Step } from './walk.js';

const NormConfig = z.object({ epsilon: z.number(), center: z.boolean(), scale: z.boolean() });
const ConvConfig = z.object({ activation: z.literal('linear') });
const CONVOLUTIONS = new Set(['Conv2D', 'DepthwiseConv2D']);

/** A batch norm in inference mode is y = x * scale + shift, one pair per channel. */
export interface ScaleShift {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

/** Scale and shift of a BatchNormalization step: gamma / sqrt(variance + epsilon), and beta - mean * scale. */
export function scaleShiftOf(step: Step): ScaleShift {
  const { epsilon, center, scale: hasGamma } = NormConfig.parse(step.config);
  const rest = [...step.weights];
  const gamma = hasGamma ? rest.shift() : undefined;
  const beta = center ? rest.shift() : undefined;
  const [mean, variance] = rest;
  if (mean === undefined || variance === undefined) {
    throw new InvariantError(`Batch norm ${step.layer} has no running statistics.`);
  }
  const scale = variance.data.map((value, i) => (gamma?.data[i] ?? 1) / Math.sqrt(value + epsilon));
  const shift = mean.data.map((value, i) => (beta?.data[i] ?? 0) - value * (scale[i] ?? 0));
  return { scale, shift };
}

/**
 * Write every batch norm into the convolution before it where that changes no value anybody else reads: the
 * convolution is linear, has this one reader and is no output. Others stay.
 * @param kept layers whose values are outputs
 */
export function foldNorms(steps: readonly Step[], kept: ReadonlySet<string>): Step[] {
  const readers = countReaders(steps);
  const folded = new Map(steps.map((step) => [step.layer, step]));
  for (const norm of steps) {
    const conv = folded.get(norm.inputs[0] ?? '');
    if (norm.kind !== 'BatchNormalization' || conv === undefined || !CONVOLUTIONS.has(conv.kind)) continue;
    if (!ConvConfig.safeParse(conv.config).success || readers.get(conv.layer) !== 1 || kept.has(conv.layer)) continue;
    folded.delete(conv.layer);
    // The norm's place in the order and its name stay: whatever reads it finds the convolution there.
    folded.set(norm.layer, { ...foldInto(conv, scaleShiftOf(norm)), layer: norm.layer });
  }
  return [...folded.values()];
}

function foldInto(conv: Step, { scale, shift }: ScaleShift): Step {
  const [kernel, bias] = conv.weights;
  if (kernel === undefined) throw new InvariantError(`Convolution ${conv.layer} has no kernel.`);
  const channels = scale.length;
  // HWIO and HWCM both end in the output channel when flattened row by row.
  const weights: LayerWeights[] = [
    { shape: kernel.shape, data: kernel.data.map((value, i) => value * (scale[i % channels] ?? 0)) },
    { shape: [channels], data: shift.map((value, i) => value + (bias?.data[i] ?? 0) * (scale[i] ?? 0)) },
  ];
  return { ...conv, weights, config: { ...conv.config, useBias: true } };
}

/** How many layers read each layer's output. */
export function countReaders(steps: readonly Step[]): Map<string, number> {
  const readers = new Map<string, number>();
  for (const { inputs } of steps) for (const input of inputs) readers.set(input, (readers.get(input) ?? 0) + 1);
  return readers;
}
