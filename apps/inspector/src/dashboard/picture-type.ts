const SIGNATURES: readonly (readonly [type: string, bytes: readonly number[]])[] = [
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47]],
];

/** Media type of what a camera sent; anything a browser should not try to show is `application/octet-stream`. */
export function pictureType(bytes: Uint8Array): string {
  const found = SIGNATURES.find(([, signature]) => signature.every((byte, i) => bytes[i] === byte));
  return found?.[0] ?? 'application/octet-stream';
}
