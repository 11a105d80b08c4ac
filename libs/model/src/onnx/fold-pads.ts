import { z } from 'zod';
import { countReaders } from '../count-readers.js';
import { Pair } from './site.js';
import type { Step } from './walk.js';

const PadConfig = z.object({ padding: z.tuple([Pair, Pair]) });
const Valid = z.object({ padding: z.literal('valid') });
const Rectified = z.object({ activation: z.enum(['relu', 'relu6', 'sigmoid']) });
const CONVOLUTIONS = new Set(['Conv2D', 'DepthwiseConv2D']);

/**
 * Let a convolution or max pooling pad by itself where a zero padding before it has no other reader and is no output:
 * one pass over the picture less. A max pooling pads with minus infinity, which is the same only next to values that are
 * never negative.
 * @param kept layers whose values are outputs
 */
export function foldPads(steps: readonly Step[], kept: ReadonlySet<string>): Step[] {
  const readers = countReaders(steps);
  const byLayer = new Map(steps.map((step) => [step.layer, step]));
  const folded = new Set<string>();
  const written = steps.map((step) => {
    const pad = byLayer.get(step.inputs[0] ?? '');
    if (pad?.kind !== 'ZeroPadding2D' || readers.get(pad.layer) !== 1 || kept.has(pad.layer)) return step;
    const before = byLayer.get(pad.inputs[0] ?? '');
    const canPad = CONVOLUTIONS.has(step.kind) || (step.kind === 'MaxPooling2D' && isNeverNegative(before));
    const size = PadConfig.safeParse(pad.config);
    if (!canPad || !size.success || !Valid.safeParse(step.config).success) return step;
    folded.add(pad.layer);
    const [rows, columns] = size.data.padding;
    return { ...step, inputs: pad.inputs, config: { ...step.config, padding: { rows, columns } } };
  });
  return written.filter(({ layer }) => !folded.has(layer));
}

function isNeverNegative(step: Step | undefined): boolean {
  return step !== undefined && (step.kind === 'ReLU' || Rectified.safeParse(step.config).success);
}
