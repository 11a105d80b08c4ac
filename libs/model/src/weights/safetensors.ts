import { Float16Array } from '@petamoriken/float16';
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
const Metadata = z.record(z.string(), z.string());

/** Headers above this are lies: the format itself caps them at 100 MB. */
const MAX_HEADER_BYTES = 100_000_000;
/** A norm's count of training steps, which inference does not know. */
const COUNTER = /\.num_batches_tracked$/;

/** Values are widened to float32, which holds every one of them exactly. */
const DTYPES: Readonly<Record<string, { bytes: number; widen: (bytes: Uint8Array<ArrayBuffer>) => Float32Array }>> = {
  F32: { bytes: 4, widen: ({ buffer }) => new Float32Array(buffer) },
  F16: { bytes: 2, widen: ({ buffer }) => widenHalves(new Uint16Array(buffer)) },
  BF16: {
    bytes: 2,
    widen: ({ buffer }) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), toFloat32).buffer),
  },
};

/** By a table of all halves: one proxied access per value would take minutes. */
function widenHalves(halves: Uint16Array): Float32Array {
  const table = Float32Array.from(new Float16Array(Uint16Array.from({ length: 65_536 }, (_, i) => i).buffer));
  return Float32Array.from(halves, (half) => table[half] ?? 0);
}

/** bfloat16 is the upper half of a float32. */
function toFloat32(upper: number): number {
  return upper * 65_536;
}

/** Whether these bytes begin as a safetensors file does: a length, then a JSON object. */
export function isSafetensors(bytes: Uint8Array): boolean {
  return bytes[8] === '{'.charCodeAt(0);
}

/** Names of the tensors in a safetensors file, read from its header alone. Throws as {@link readSafetensors}. */
export function listSafetensors(bytes: Uint8Array): string[] {
  return [...readEntries(bytes).entries.keys()];
}

/**
 * Read a safetensors file (8-byte little-endian header length, JSON header, data). Counters of PyTorch's norms stay where
 * they are.
 * @param bytes the whole file
 * @param isWanted which tensors to read; all by default
 * @returns tensors of F32, F16 or BF16 as float32 by name; data is copied so that it is aligned and `bytes` may go
 * @throws InputError WEIGHTS_UNREADABLE when the header lies about sizes or a tensor holds no floats
 */
export function readSafetensors(
  bytes: Uint8Array,
  isWanted: (name: string) => boolean = () => true,
): Map<string, StoredTensor> {
  const { entries, start } = readEntries(bytes);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { dtype, shape, data_offsets }] of entries) {
    if (!isWanted(name)) continue;
    const widen = DTYPES[dtype]?.widen;
    if (widen === undefined)
      throw unreadable(`tensor ${name} is ${dtype}, expected one of ${Object.keys(DTYPES).join(', ')}`);
    const [from, to] = data_offsets;
    tensors.set(name, { shape, data: widen(new Uint8Array(bytes.subarray(start + from, start + to))) });
  }
  return tensors;
}

/** The free words of a safetensors file's header; empty where there are none. Throws as {@link readSafetensors}. */
export function readMetadata(bytes: Uint8Array): Record<string, string> {
  const { start } = readEntries(bytes);
  return Metadata.parse(parseHeader(bytes.subarray(8, start))['__metadata__'] ?? {});
}

/** What the header says, every size checked against the file before memory is taken for it. */
function readEntries(bytes: Uint8Array): { entries: Map<string, Entry>; start: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = bytes.byteLength >= 8 ? Number(view.getBigUint64(0, true)) : -1;
  if (headerLength < 2 || headerLength > MAX_HEADER_BYTES || 8 + headerLength > bytes.byteLength) {
    throw unreadable(`header of ${headerLength} bytes in a file of ${bytes.byteLength}`);
  }
  const start = 8 + headerLength;
  const dataBytes = bytes.byteLength - start;
  const entries = new Map<string, Entry>();
  let claimed = 0;
  for (const [name, described] of Object.entries(parseHeader(bytes.subarray(8, start)))) {
    if (name === '__metadata__' || COUNTER.test(name)) continue;
    const { data: entry, success } = Entry.safeParse(described);
    if (!success) throw unreadable(`tensor ${name} is not described by dtype, shape and data_offsets`);
    claimed += checkEntry(name, entry, dataBytes);
    if (claimed > dataBytes)
      throw unreadable(`its tensors claim more than the ${dataBytes} bytes of data: they overlap`);
    entries.set(name, entry);
  }
  return { entries, start };
}

function parseHeader(header: Uint8Array): Record<string, unknown> {
  try {
    return Header.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header)));
  } catch (cause) {
    throw unreadable(`header is not a JSON object (${messageOf(cause)})`);
  }
}

/** Bytes of the tensor. */
function checkEntry(name: string, { dtype, shape, data_offsets: [from, to] }: Entry, dataBytes: number): number {
  const bytesEach = DTYPES[dtype]?.bytes;
  const expected = bytesEach === undefined ? to - from : shape.reduce((product, size) => product * size, bytesEach);
  if (from >= 0 && to >= from && to <= dataBytes && to - from === expected) return expected;
  throw unreadable(`tensor ${name} of shape [${shape}] claims bytes ${from}..${to} of ${dataBytes}`);
}

function unreadable(found: string): InputError {
  return new InputError(
    'WEIGHTS_UNREADABLE',
    `Not a safetensors file of float weights: ${found}. Fetch the file again.`,
  );
}
