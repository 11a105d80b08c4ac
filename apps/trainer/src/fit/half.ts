import { Float16Array } from '@petamoriken/float16';

/** All 65,536 half-precision values: decoding is a look-up. */
const VALUES = Float32Array.from(new Float16Array(Uint16Array.from({ length: 65_536 }, (_, i) => i).buffer));

/** float32 -> IEEE half bits. */
export function toHalf(values: Float32Array): Uint16Array {
  return new Uint16Array(new Float16Array(values).buffer);
}

/** IEEE half bits -> float32, written to `into` from `offset`. */
export function fromHalf(halves: Uint16Array, into: Float32Array, offset: number): void {
  for (let i = 0; i < halves.length; i++) into[offset + i] = VALUES[halves[i] as number] as number;
}
