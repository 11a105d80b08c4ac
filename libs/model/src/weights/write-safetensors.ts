import type { StoredTensor } from './safetensors.js';

/**
 * Bytes of a safetensors file of float32 tensors, in the order they are given.
 * @param metadata free words for the header's `__metadata__`
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let offset = 0;
  const entries: Record<string, unknown> = { __metadata__: metadata };
  for (const [name, { shape, data }] of tensors) {
    entries[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const header = Buffer.from(JSON.stringify(entries));
  // The data begins at a multiple of 8, as the format asks for.
  const padded = Buffer.concat([header, Buffer.alloc((8 - (header.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const data = [...tensors.values()].map(({ data: d }) => Buffer.from(d.buffer, d.byteOffset, d.byteLength));
  return Buffer.concat([length, padded, ...data]);
}
