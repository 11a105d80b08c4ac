import { Float16Array } from '@petamoriken/float16';

/** All 65,536 half-precision values: decoding is a look-up. */
const VALUES = Float32Array.from(new Float16Array(Uint16Array.from({ length: 65_536 }, (_, i) => i).buffer));

// Bits of the smallest normal half, and of the first number that rounds to infinity, as float32.
const SMALLEST_NORMAL = 0x38800000;
const TOO_LARGE = 0x477ff000;
const INFINITE = 0x7f800000;
/** Distance of the two exponents' biases, in float32's place. */
const REBIAS = 0x38000000;
/** What a subnormal half counts in. */
const SUBNORMAL_STEPS = 2 ** 24;
/** Added and taken off again it rounds a small double to a whole number, ties to even. */
const WHOLE = 2 ** 52;

/**
 * float32 -> IEEE 754 half bits, to the nearest, ties to even. On the bits: the library's array does the same value by
 * value in ten times as long, and a map has tens of thousands.
 */
export function toHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < halves.length; i++) {
    const own = bits[i] as number;
    const sign = (own >>> 16) & 0x8000;
    const size = own & 0x7fffffff;
    let half: number;
    if (size < SMALLEST_NORMAL) half = Math.abs(values[i] as number) * SUBNORMAL_STEPS + WHOLE - WHOLE;
    else if (size < TOO_LARGE) half = (size - REBIAS + 0xfff + ((size >>> 13) & 1)) >>> 13;
    else half = size > INFINITE ? 0x7e00 : 0x7c00;
    halves[i] = sign | half;
  }
  return halves;
}

/** IEEE half bits -> float32, written to `into` from `offset`. */
export function fromHalf(halves: Uint16Array, into: Float32Array, offset: number): void {
  for (let i = 0; i < halves.length; i++) into[offset + i] = VALUES[halves[i] as number] as number;
}
