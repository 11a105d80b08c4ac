import { countReaders } from '../count-readers.js';
import { isConvolution, type Layer } from './layer.js';

/**
 * The same network as it is built here: norms live in the convolution before them, an activation that only one
 * convolution feeds is that convolution's own, and layers that do nothing are gone. A layer keeps the name of its
 * convolution. What read a vanished layer reads what stands for it.
 */
export function foldLayers(layers: readonly Layer[]): Layer[] {
  const readers = countReaders(layers);
  const standsFor = new Map<string, string>();
  const folded = new Map<string, Layer>();
  for (const layer of layers) {
    const inputs = layer.inputs.map((name) => standsFor.get(name) ?? name);
    const before = folded.get(inputs[0] ?? '');
    const kept = before === undefined ? null : absorb(layer, before, readers.get(layer.inputs[0] ?? '') ?? 0);
    if (kept === null) {
      folded.set(layer.name, { ...layer, inputs });
      continue;
    }
    folded.set(kept.name, kept);
    standsFor.set(layer.name, kept.name);
  }
  return [...folded.values()];
}

/** What is left of two layers when `layer` goes into the one before it; null when it stays by itself. */
function absorb(layer: Layer, before: Layer, readers: number): Layer | null {
  if (layer.kind === 'identity' || layer.kind === 'normalization') return before;
  if (!isConvolution(before) || readers !== 1 || before.activation !== 'linear') return null;
  if (layer.kind === 'norm') return { ...before, bias: true };
  return layer.kind === 'activation' ? { ...before, activation: layer.activation } : null;
}
