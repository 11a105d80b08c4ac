import { type OutputTensor, type PictureBatch, splitBatch } from './session.js';

/** Of a run, by name. */
export type Outputs = Record<string, OutputTensor>;

/**
 * Rows of a batch that a core computes at once. Each takes some 20 MB of maps in Lite0, and what does not stay in the cache
 * costs time: 4 rows took 8.1 ms each, 8 took 8.5, 16 took 8.8 and 48 took 9.8 (docs/speed.md).
 */
const MOST_ROWS = 4;

/** A batch in parts that stay in a core's cache. */
export function partsOf(batch: PictureBatch): PictureBatch[] {
  return splitBatch(batch, MOST_ROWS);
}

/** The outputs of a batch from those of its parts: every output has a row for each picture. */
export function joinOutputs(parts: readonly Outputs[]): Outputs {
  const [first = {}] = parts;
  if (parts.length === 1) return first;
  const joined = Object.entries(first).map(([name, { dims }]) => {
    const own = parts.flatMap((part) => part[name] ?? []);
    const count = own.reduce((sum, part) => sum + (part.dims[0] ?? 0), 0);
    const data = new Float32Array(own.reduce((sum, part) => sum + part.data.length, 0));
    let at = 0;
    for (const part of own) {
      data.set(part.data, at);
      at += part.data.length;
    }
    return [name, { data, dims: [count, ...dims.slice(1)] }] as const;
  });
  return Object.fromEntries(joined);
}
