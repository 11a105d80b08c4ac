import { open } from 'node:fs/promises';

/** Largest int8 weight; symmetric, so -128 is not used. */
export const FULL_WEIGHT = 127;
/** Two products of a uint8 and such a weight fit in 16 bits: 2 * 255 * 64 = 32,640. Seven bits instead of eight. */
export const NARROW_WEIGHT = 64;

const KEY = 'lineside.int8.weights';
/** What a graph of narrow weights says of itself. */
export const NARROW_METADATA: Readonly<Record<string, string>> = { [KEY]: String(NARROW_WEIGHT) };

/** Metadata stand last in a file: both fields of the pair, each with its tag and length. */
const WRITTEN = Buffer.from(`${KEY}\u0012${String.fromCharCode(String(NARROW_WEIGHT).length)}${NARROW_WEIGHT}`);
const TAIL_BYTES = 512;

/**
 * Whether no int8 weight of a graph goes beyond {@link NARROW_WEIGHT}, as it says of itself: read without the ONNX schema, which
 * costs a worker most of a second.
 * @param graph path of a `.onnx` file, or its bytes; a file that cannot be read says nothing
 */
export async function hasNarrowWeights(graph: string | Uint8Array): Promise<boolean> {
  const tail = typeof graph === 'string' ? await readTail(graph) : graph.subarray(-TAIL_BYTES);
  return Buffer.from(tail).includes(WRITTEN);
}

async function readTail(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), {
      position: Math.max(0, size - TAIL_BYTES),
    });
    return buffer.subarray(0, bytesRead);
  } catch {
    return new Uint8Array();
  }
}
