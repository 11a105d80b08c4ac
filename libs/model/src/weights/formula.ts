/** A tensor by formula, float32, row-major. */
export interface FormulaTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

interface Spread {
  readonly centre: number;
  readonly width: number;
}

const NORM_WIDTH = 0.25;
const SHIFT: Spread = { centre: 0, width: 0.1 };
const VARIANCE: Spread = { centre: 1, width: NORM_WIDTH };
/** What spreads evenly about a centre, whatever the shape. */
const SPREADS: Readonly<Record<string, Spread>> = {
  moving_variance: VARIANCE,
  running_var: VARIANCE,
  beta: SHIFT,
  bias: SHIFT,
  moving_mean: SHIFT,
  running_mean: SHIFT,
  mean: { centre: 0.45, width: 0.05 },
  variance: { centre: 0.06, width: 0.02 },
};

/**
 * A checkpoint's tensor that anyone can make again, bit for bit: the same formula as test/proof/formula.py, which fills
 * the reference networks. Activations keep a sane size through the deepest networks; nothing was learned.
 * @param name `layer/role` as Keras names it, or `module.role` as PyTorch does
 * @param gain centre of a norm's gamma
 */
export function formulaTensor(name: string, shape: readonly number[], gain: number): FormulaTensor {
  const { centre, width } = spreadOf(name, shape, gain);
  const step = width / 2 ** 23;
  const seed = seedOf(name);
  const data = new Float32Array(product(shape));
  for (let i = 0; i < data.length; i++) {
    data[i] = centre + ((mix((Math.imul(i, 0x9e3779b1) + seed) | 0) >>> 8) - 2 ** 23) * step;
  }
  return { shape, data };
}

function spreadOf(name: string, shape: readonly number[], gain: number): Spread {
  const role = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('.')) + 1);
  const spread = SPREADS[role];
  if (spread !== undefined) return spread;
  if (role === 'gamma' || (role === 'weight' && shape.length === 1)) return { centre: gain, width: gain * NORM_WIDTH };
  // He et al. 2015 (arXiv:1502.01852): variance 2 / fan in; an even spread of half width w has variance w^2 / 3.
  return { centre: 0, width: Math.sqrt(6 / fanIn(role, shape)) };
}

function fanIn(role: string, shape: readonly number[]): number {
  if (role === 'kernel') return product(shape.slice(0, -1));
  if (role === 'depthwise_kernel') return product(shape.slice(0, 2));
  if (role === 'weight') return product(shape.slice(1));
  throw new RangeError(`the formula knows no tensor called ${role}`);
}

/** Scramble 32 bits: Ellis' lowbias32 (https://nullprogram.com/blog/2018/07/31/). */
function mix(bits: number): number {
  let x = bits ^ (bits >>> 16);
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return x ^ (x >>> 16);
}

/** FNV-1a of the name's UTF-8 bytes. */
function seedOf(name: string): number {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  return seed;
}

/** uint8 RGB [side, side, 3]: a slope of its own in each channel, with noise on it. */
export function formulaPicture(side: number): Uint8Array {
  return Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const [channel, x, y] = [i % 3, Math.floor(i / 3) % side, Math.floor(i / (3 * side))];
    const along = channel === 0 ? x : channel === 1 ? y : (x + y) >> 1;
    return (mix(i) >>> 25) + Math.floor((along * 128) / side);
  });
}

function product(sides: readonly number[]): number {
  return sides.reduce((total, side) => total * side, 1);
}
