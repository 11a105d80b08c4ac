import { Dice } from './dice.js';

/** Red, green, blue, 0-255. */
export type Colour = readonly [number, number, number];

/** What all parts of one lot share: the reel's tape, the component's make, the station's light that day. */
export interface Lot {
  readonly id: string;
  /** Glass overcoat. */
  readonly body: Colour;
  /** What shows where a termination is missing or the body is broken. */
  readonly ceramic: Colour;
  /** Fired electrode under the tin. */
  readonly electrode: Colour;
  readonly termination: Colour;
  /** Share of the length covered by each termination. */
  readonly terminationShare: number;
  /** Length and width of the component in pixels at scale 1. */
  readonly length: number;
  readonly width: number;
  readonly cornerRadius: number;
  /** Printed code; null for unmarked components. */
  readonly marking: string | null;
  readonly ink: Colour;
  /** The reel holds its parts upside down. */
  readonly isTurned: boolean;
  readonly tape: Colour;
  readonly isPaper: boolean;
  readonly pocketFloor: Colour;
  /** What shows through the sprocket holes. */
  readonly backdrop: Colour;
  /** Direction the light comes from, radians, and its mean strength. */
  readonly lightAngle: number;
  readonly exposure: number;
  /** White balance: gain of red and blue. */
  readonly warmth: number;
}

/** Colours seen on real reels and parts; one is picked per lot and shifted a little. */
type Palette = readonly [Colour, ...Colour[]];
const OVERCOATS: Palette = [
  [30, 30, 33],
  [24, 34, 58],
  [22, 50, 42],
];
const METALS: Palette = [
  [200, 203, 207],
  [204, 200, 192],
  [184, 187, 192],
];
const PAPER: Palette = [
  [212, 204, 188],
  [186, 164, 132],
];
const PLASTIC: Palette = [
  [38, 39, 43],
  [60, 62, 66],
];

/**
 * The lot with this number in a series. Series keep apart what must not share a lot: the training set's parts and the
 * line's parts come from different series, so no reel of the line was ever seen in training.
 */
export function makeLot({ series, seed, number }: { series: string; seed: number; number: number }): Lot {
  const dice = new Dice('lot', series, seed, number);
  const isPaper = dice.chance(0.5);
  const tape = shift(dice, isPaper ? dice.pick(PAPER) : dice.pick(PLASTIC), 8);
  return {
    id: `${series.toUpperCase()}${String(seed).padStart(3, '0')}-L${String(number).padStart(3, '0')}`,
    body: shift(dice, dice.pick(OVERCOATS), 8),
    ceramic: shift(dice, [226, 220, 206], 10),
    electrode: shift(dice, [122, 94, 70], 10),
    termination: shift(dice, dice.pick(METALS), 8),
    terminationShare: dice.between(0.18, 0.22),
    length: dice.between(164, 172),
    width: dice.between(84, 89),
    cornerRadius: dice.between(2, 5),
    marking: dice.chance(0.85) ? markingCode(dice) : null,
    ink: shift(dice, [214, 210, 196], 8),
    isTurned: dice.chance(0.5),
    tape,
    isPaper,
    pocketFloor: scale(tape, isPaper ? dice.between(0.62, 0.8) : dice.between(0.55, 0.8)),
    backdrop: [26, 27, 30],
    lightAngle: -2.2 + dice.between(-0.6, 0.6),
    exposure: dice.between(0.9, 1.08),
    warmth: dice.between(-0.04, 0.04),
  };
}

/** EIA codes as printed on chip resistors: three or four digits, or R as the decimal point. */
function markingCode(dice: Dice): string {
  const digit = (low = 0): string => String(dice.whole(low, 9));
  return dice.pick([
    `${digit(1)}${digit()}${dice.whole(0, 5)}`,
    `${digit(1)}${digit()}${digit()}${dice.whole(0, 4)}`,
    `${digit(1)}R${digit()}`,
  ]);
}

function shift(dice: Dice, colour: Colour, by: number): Colour {
  const common = dice.between(-by, by);
  const own = (value: number): number => clampByte(value + common + dice.between(-by / 3, by / 3));
  return [own(colour[0]), own(colour[1]), own(colour[2])];
}

/** The colour under more (factor > 1) or less light. */
export function scale(colour: Colour, factor: number): Colour {
  return [clampByte(colour[0] * factor), clampByte(colour[1] * factor), clampByte(colour[2] * factor)];
}

/** `rgb(...)` for SVG attributes. */
export function rgb([red, green, blue]: Colour): string {
  return `rgb(${Math.round(red)},${Math.round(green)},${Math.round(blue)})`;
}

function clampByte(value: number): number {
  return Math.min(255, Math.max(0, value));
}
