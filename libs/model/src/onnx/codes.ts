/** Smallest and largest number that a value takes. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** uint8 codes of a value: number = (code - zero) * scale. */
export interface Codes {
  readonly scale: number;
  readonly zero: number;
}

/** An int32 sum must have room for the bias and for what the products add to it. */
const LARGEST_BIAS = 2 ** 30;
/** Below this a scale has no float32 reciprocal. */
const SMALLEST_SCALE = 1e-30;

/** Codes for a range; zero always has a code of its own, because paddings are zeros. */
export function codesOf({ low, high }: Range): Codes {
  const [bottom, top] = [Math.min(0, low), Math.max(0, high)];
  const scale = Math.fround(Math.max((top - bottom) / 255, SMALLEST_SCALE));
  return { scale, zero: Math.min(255, Math.max(0, Math.round(-bottom / scale))) };
}

/**
 * int8 weights, one scale per output channel.
 * @param kernel output channel first
 * @param options `largest` how far from zero a weight may lie, at most 127
 */
export function weightsOf(
  kernel: Float32Array,
  options: { channels: number; bias: Float32Array; inputScale: number; largest: number },
): { codes: Int8Array; scales: Float32Array } {
  const { channels, bias, inputScale } = options;
  const size = kernel.length / channels;
  const codes = new Int8Array(kernel.length);
  const scales = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    const own = kernel.subarray(c * size, (c + 1) * size);
    const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    // A channel of almost no weight may have a bias that int32 could not hold at its scale.
    const needed = Math.abs(bias[c] ?? 0) / LARGEST_BIAS / inputScale;
    const scale = Math.fround(Math.max(largest / options.largest, needed, SMALLEST_SCALE));
    scales[c] = scale;
    for (let i = 0; i < size; i++) codes[c * size + i] = Math.round((own[i] ?? 0) / scale);
  }
  return { codes, scales };
}

/** int32 biases at the scale of the products they are added to. */
export function biasOf(
  bias: Float32Array,
  { scales, inputScale }: { scales: Float32Array; inputScale: number },
): { values: Int32Array; scales: Float32Array } {
  const own = scales.map((scale) => scale * inputScale);
  return { scales: own, values: Int32Array.from(bias, (value, c) => Math.round(value / (own[c] ?? 1))) };
}
