import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Chance that comes out the same for the same seed. */
export interface Dice {
  /** A whole number, both ends included. */
  between(low: number, high: number): number;
  pick<Thing>(things: readonly Thing[]): Thing;
}

export function makeDice(seed: number): Dice {
  const random = xoroshiro128plus(seed);
  const between = (low: number, high: number): number => uniformInt(random, low, high);
  const pick = <Thing>(things: readonly Thing[]): Thing => {
    const thing = things[between(0, things.length - 1)];
    if (thing === undefined) throw new RangeError('expected something to pick from');
    return thing;
  };
  return { between, pick };
}
