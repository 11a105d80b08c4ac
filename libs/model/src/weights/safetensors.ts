import { z } from 'zod';
import { InputError, messageOf } from '#contracts';

/** A tensor as it lies in a file: float32, row-major. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const Entry = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  data_offsets: z.tuple([z.number().int(), z.number().int()]),
});
type Entry = z.infer<typeof Entry>;
const Header = z.record(z.string(), z.unknown());

/** Headers above this are lies: the format itself caps them at 100 MB. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Read a safetensors file (8-byte little-endian header length, JSON header, data).
 * @param bytes the whole file
 * @returns its float32 tensors by name; data is copied so that it is aligned and `bytes` may go
 * @throws InputError WEIGHTS_UNREADABLE when the header lies about sizes or a tensor is not F32
 */
export function readSafetensors(bytes: Uint8Array): Map<string, StoredTensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = bytes.byteLength >= 8 ? Number(view.getBigUint64(0, true)) : -1;
  if (headerLength < 2 || headerLength > MAX_HEADER_BYTES || 8 + headerLength > bytes.byteLength) {
    throw unreadable(`header of ${headerLength} bytes in a file of ${bytes.byteLength}`);
  }
  const start = 8 + headerLength;
  const tensors = new Map<string, StoredTensor>();
  for (const [name, described] of Object.entries(parseHeader(bytes.subarray(8, start)))) {
    if (name === '__metadata__') continue;
    const { data: entry, success } = Entry.safeParse(described);
    if (!success) throw unreadable(`tensor ${name} is not described by dtype, shape and data_offsets`);
    const [from, to] = checkEntry(name, entry, bytes.byteLength - start);
    const data = bytes.slice(start + from, start + to);
    tensors.set(name, { shape: entry.shape, data: new Float32Array(data.buffer, data.byteOffset, (to - from) / 4) });
  }
  return tensors;
}

function parseHeader(header: Uint8Array): Record<string, unknown> {
  try {
    return Header.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header)));
  } catch (cause) {
    throw unreadable(`header is not a JSON object (${messageOf(cause)})`);
  }
}

function checkEntry(name: string, entry: Entry, dataBytes: number): [number, number] {
  if (entry.dtype !== 'F32') throw unreadable(`tensor ${name} is ${entry.dtype}, expected F32`);
  const [from, to] = entry.data_offsets;
  const expected = entry.shape.reduce((product, size) => product * size, 4);
  if (from < 0 || to > dataBytes || to - from !== expected) {
    throw unreadable(`tensor ${name} of shape [${entry.shape}] claims bytes ${from}..${to} of ${dataBytes}`);
  }
  return [from, to];
}

function unreadable(found: string): InputError {
  return new InputError(
    'WEIGHTS_UNREADABLE',
    `Not a safetensors file of float32 weights: ${found}. Fetch the file again.`,
  );
}
