import { redPicture, tinyScore } from '../factories/artefact.js';
import type { Dice } from './dice.js';

/** Side of the pictures and of the model's input, pixels. */
export const SIDE = 64;

/** What lies before the camera. */
export interface BeltPart {
  readonly picture: Buffer;
  readonly isDefective: boolean;
  /** P(defect) the model gives to this picture. */
  readonly score: number;
}

interface Kind {
  readonly isDefective: boolean;
  /** Levels of red, from and to; the model calls red pictures defects. */
  readonly reds: readonly [number, number];
  /** So many of a hundred parts. */
  readonly percent: number;
}

const KINDS: readonly Kind[] = [
  { isDefective: false, reds: [20, 100], percent: 80 },
  { isDefective: true, reds: [160, 240], percent: 15 },
  // Between the thresholds.
  { isDefective: true, reds: [126, 129], percent: 3 },
  // Defects the model does not see.
  { isDefective: true, reds: [100, 108], percent: 2 },
];

/** Parts in a row: most are good, some are defective, and a few of those the model does not see. No picture comes twice in a row. */
export class Belt {
  /** A hundred places, each a kind's parts: as many places as its percentage. */
  readonly #places: readonly (readonly BeltPart[])[];
  readonly #dice: Dice;
  #last: BeltPart | null = null;

  private constructor(places: readonly (readonly BeltPart[])[], dice: Dice) {
    this.#places = places;
    this.#dice = dice;
  }

  static async make(dice: Dice): Promise<Belt> {
    const places: BeltPart[][] = [];
    for (const { isDefective, reds, percent } of KINDS) {
      const parts: BeltPart[] = [];
      for (let red = reds[0]; red <= reds[1]; red++) {
        const picture = await redPicture(red, { width: SIDE, height: SIDE });
        parts.push({ picture, isDefective, score: tinyScore(red) });
      }
      for (let place = 0; place < percent; place++) places.push(parts);
    }
    return new Belt(places, dice);
  }

  next(): BeltPart {
    const part = this.#dice.pick(this.#dice.pick(this.#places));
    if (part === this.#last) return this.next();
    this.#last = part;
    return part;
  }
}
