import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { InvariantError } from '#contracts';
import { fitMahalanobis, type Rows } from '../guard/mahalanobis.js';

/** Feature maps of good pictures, one per tile: [patches, c] row-major, all of one length. */
export interface PatchMaps {
  readonly maps: readonly Float32Array[];
  /** c. */
  readonly channels: number;
}

/** What a one-class model knows: how patches of good pictures are whitened, and some of them. */
export interface PatchMemory {
  /** [c, c] row-major; whitened = patch * whiten + shift. */
  readonly whiten: Float32Array;
  readonly shift: Float32Array;
  /** Whitened patches, [patches, c] row-major. */
  readonly memory: Float32Array;
}

/** Patches that the whitening is fitted to: its numbers no longer change. */
const WHITENED = 10_000;

/**
 * Remember good patches (PatchCore, Roth et al. 2022), whitened first, so that a rare direction counts as much as a common
 * one. What is remembered is drawn, not searched for: farthest-first keeps the oddities of good pictures.
 */
export function rememberPatches(good: PatchMaps, options: { patches: number; seed: number }): PatchMemory {
  const random = xoroshiro128plus(options.seed);
  const all = good.maps.reduce((count, map) => count + map.length / good.channels, 0);
  if (all === 0) throw new InvariantError('There is no good picture to remember.');
  const draw = (count: number): Rows =>
    Array.from({ length: Math.min(count, all) }, () => {
      const map = good.maps[uniformInt(random, 0, good.maps.length - 1)] ?? new Float32Array();
      const at = uniformInt(random, 0, map.length / good.channels - 1) * good.channels;
      return map.subarray(at, at + good.channels);
    });
  const { kernel, bias } = fitMahalanobis(draw(WHITENED));
  const memory = draw(options.patches).map((patch) => whitened(patch, kernel, bias));
  return { whiten: kernel, shift: bias, memory: Float32Array.from(memory.flatMap((row) => [...row])) };
}

/**
 * Mean over a map's patches of the fourth power of their squared distance to the nearest remembered patch, by the plain
 * formula; the exported graph does the same.
 */
export function strangenessOf({ whiten, shift, memory }: PatchMemory, map: Float32Array): number {
  const c = shift.length;
  const count = map.length / c;
  let sum = 0;
  for (let at = 0; at < map.length; at += c) {
    const patch = whitened(map.subarray(at, at + c), whiten, shift);
    let nearest = Number.POSITIVE_INFINITY;
    for (let from = 0; from < memory.length; from += c) {
      let distance = 0;
      for (let i = 0; i < c && distance < nearest; i++) distance += ((patch[i] ?? 0) - (memory[from + i] ?? 0)) ** 2;
      if (distance < nearest) nearest = distance;
    }
    sum += nearest ** 4 / count;
  }
  return sum;
}

function whitened(patch: ArrayLike<number>, whiten: Float32Array, shift: Float32Array): Float32Array {
  const c = shift.length;
  const out = Float32Array.from(shift);
  for (let i = 0; i < c; i++) {
    const value = patch[i] ?? 0;
    // A Cholesky factor's inverse: nothing below the diagonal.
    for (let j = i; j < c; j++) out[j] = (out[j] ?? 0) + value * (whiten[i * c + j] ?? 0);
  }
  return out;
}
