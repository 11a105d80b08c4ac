import type { Place } from '#contracts';
import { acceptedPrecisions, type ModelCard } from '../card.js';

/** What runs everywhere and what every model has. */
export const EVERYWHERE: Place = { runtime: 'onnx-cpu', precision: 'fp32' };

/**
 * False where a place cannot be the fastest, so that trying it only holds up a start: on x86-64 ONNX Runtime's CPU provider
 * turns fp16 into float32 and back (docs/speed.md).
 */
export function isWorthTrying({ runtime, precision }: Place, arch: string = process.arch): boolean {
  return runtime !== 'onnx-cpu' || precision !== 'fp16' || arch !== 'x64';
}

/** Why a model cannot compute in a place whatever the machine, and what to do; null when it can. */
export function problemOf(card: Pick<ModelCard, 'id' | 'precisions'>, { runtime, precision }: Place): string | null {
  if (runtime === 'tensorflow' && precision !== 'fp32')
    return `Runtime tensorflow computes in fp32 alone, asked was ${precision}. Ask for fp32.`;
  const entry = card.precisions.find((each) => each.precision === precision);
  if (entry?.accepted) return null;
  const why = entry === undefined ? 'it was exported without' : `it was refused: ${entry.reason}`;
  const has = acceptedPrecisions(card).map((each) => each.precision);
  return `Model ${card.id} has no ${precision} graph, ${why}. Ask for one that it has (${has.join(', ')}), or train it with ${precision}.`;
}
