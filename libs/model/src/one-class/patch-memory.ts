import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { InvariantError } from '#contracts';
import { fitMahalanobis } from '../guard/mahalanobis.js';

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

export interface DrawOptions {
  /** Feature maps that will be shown, one per tile of a good picture. */
  readonly maps: number;
  /** Patches of each. */
  readonly patchesPerMap: number;
  readonly channels: number;
  /** Patches that are remembered. */
  readonly patches: number;
  readonly seed: number;
}

/**
 * Remembers good patches (PatchCore, Roth et al. 2022), whitened first, so that a rare direction counts as much as a common
 * one. What is remembered is drawn, not searched for: farthest-first keeps the oddities of good pictures. It is drawn by the
 * seed before any map is seen, so that none must be kept.
 */
export class PatchDraw {
  readonly #options: DrawOptions;
  /** Drawn patches, those that the whitening is fitted to first. */
  readonly #rows: Float32Array[];
  readonly #whitened: number;
  /** Rows by the map and the patch of it that they come from. */
  readonly #wanted = new Map<number, { readonly row: number; readonly patch: number }[]>();
  #shown = 0;

  constructor(options: DrawOptions) {
    const { maps, patchesPerMap, patches, seed } = options;
    const all = maps * patchesPerMap;
    if (all === 0) throw new InvariantError('There is no good picture to remember.');
    this.#options = options;
    this.#whitened = Math.min(WHITENED, all);
    this.#rows = Array.from({ length: this.#whitened + Math.min(patches, all) }, () => new Float32Array());
    const random = xoroshiro128plus(seed);
    for (const row of this.#rows.keys()) {
      const map = uniformInt(random, 0, maps - 1);
      const patch = uniformInt(random, 0, patchesPerMap - 1);
      this.#wanted.set(map, [...(this.#wanted.get(map) ?? []), { row, patch }]);
    }
  }

  /** @param map the next one: [patches, c] row-major. It is not kept. */
  show(map: Float32Array): void {
    const { channels } = this.#options;
    for (const { row, patch } of this.#wanted.get(this.#shown) ?? [])
      this.#rows[row] = map.slice(patch * channels, (patch + 1) * channels);
    this.#shown += 1;
  }

  /** @throws InvariantError when not every map was shown */
  remember(): PatchMemory {
    const { maps } = this.#options;
    if (this.#shown !== maps) throw new InvariantError(`${this.#shown} of ${maps} maps were shown.`);
    const { kernel, bias } = fitMahalanobis(this.#rows.slice(0, this.#whitened));
    const memory = this.#rows.slice(this.#whitened).map((patch) => whitened(patch, kernel, bias));
    return { whiten: kernel, shift: bias, memory: Float32Array.from(memory.flatMap((row) => [...row])) };
  }
}

/**
 * Mean over a map's patches of the fourth power of their squared distance to the nearest remembered patch, by the plain
 * formula; the exported graph does the same.
 */
export function strangenessOf(memory: PatchMemory, map: Float32Array): number {
  const patches = patchStrangeness(memory, map);
  return patches.reduce((sum, patch) => sum + patch / patches.length, 0);
}

/** The fourth powers themselves, patch by patch: how much each counts in the score. */
export function patchStrangeness({ whiten, shift, memory }: PatchMemory, map: Float32Array): number[] {
  const c = shift.length;
  return Array.from({ length: map.length / c }, (_, at) => {
    const patch = whitened(map.subarray(at * c, (at + 1) * c), whiten, shift);
    let nearest = Number.POSITIVE_INFINITY;
    for (let from = 0; from < memory.length; from += c) {
      let distance = 0;
      for (let i = 0; i < c && distance < nearest; i++) distance += ((patch[i] ?? 0) - (memory[from + i] ?? 0)) ** 2;
      if (distance < nearest) nearest = distance;
    }
    return nearest ** 4;
  });
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
