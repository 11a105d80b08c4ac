import type { Dice } from './dice.js';
import { codeStrokes } from './glyphs.js';
import { type Lot, rgb, scale } from './lot.js';
import { blob, jagged, type Point, path } from './outline.js';

/** Where the component's surfaces lie, in its own pixels: origin at its centre, x along its length. */
export interface ChipShape {
  readonly length: number;
  readonly width: number;
  /** Closed outline, clockwise. */
  readonly outline: readonly Point[];
  /** The part of the outline where a corner broke off; empty on a whole component. */
  readonly fracture: readonly Point[];
  /** Inner edges of the two terminations, left (x < 0) then right, from top to bottom. */
  readonly termini: readonly [readonly Point[], readonly Point[]];
}

/** Surfaces of a component that is there and whole, as SVG elements inside its outline. */
export function drawSurfaces(
  dice: Dice,
  lot: Lot,
  options: { shape: ChipShape; light: { x: number; y: number } },
): string {
  const { shape, light } = options;
  return [
    drawBody(dice, lot, shape),
    drawShade(shape, light, dice.between(0.1, 0.3)),
    drawMarking(dice, lot),
    drawTermination(dice, lot, { shape, side: -1, light }),
    drawTermination(dice, lot, { shape, side: 1, light }),
    drawWear(dice, shape),
  ].join('');
}

function drawBody(dice: Dice, lot: Lot, shape: ChipShape): string {
  const { length, width } = shape;
  const base = `<path d="${path(shape.outline, true)}" fill="${rgb(lot.ceramic)}"/>`;
  let grain = '';
  for (let i = 0; i < 60; i++) {
    grain += `M${dice.between(-length / 2, length / 2).toFixed(0)} ${dice.between(-width / 2, width / 2).toFixed(0)}l${dice.between(0.6, 2.4).toFixed(1)} ${dice.between(-0.8, 0.8).toFixed(1)}`;
  }
  const texture = `<path d="${grain}" stroke="${dice.chance(0.5) ? 'white' : 'black'}" stroke-width="0.9" stroke-opacity="${dice.between(0.05, 0.16).toFixed(2)}"/>`;
  // The glass overcoat leaves a narrow rim of alumina along both long edges.
  const inset = dice.between(2.5, 5.5);
  const half = { x: length / 2 - length * lot.terminationShare + 4, y: width / 2 - inset };
  const edge = (fromX: number, toX: number, y: number): Point[] =>
    jagged(dice, { from: [fromX, y], to: [toX, y], pieces: 9, jitter: 0.7 });
  const coat = [...edge(-half.x, half.x, -half.y), ...edge(half.x, -half.x, half.y)];
  return `${base}<path d="${path(coat, true)}" fill="${rgb(lot.body)}"/>${texture}`;
}

/** Light falling across the body: brighter half, darker half, and a soft gloss. */
function drawShade(shape: ChipShape, light: { x: number; y: number }, strength: number): string {
  const stop = (offset: number, colour: string, opacity: number): string =>
    `<stop offset="${offset}" stop-color="${colour}" stop-opacity="${opacity.toFixed(3)}"/>`;
  const [dx, dy] = [0.5 * light.x, 0.5 * light.y];
  return (
    `<linearGradient id="shade" x1="${0.5 + dx}" y1="${0.5 + dy}" x2="${0.5 - dx}" y2="${0.5 - dy}">` +
    `${stop(0, 'white', strength)}${stop(0.45, 'white', 0)}${stop(0.55, 'black', 0)}${stop(1, 'black', strength)}</linearGradient>` +
    `<path d="${path(shape.outline, true)}" fill="url(#shade)"/>`
  );
}

function drawMarking(dice: Dice, lot: Lot): string {
  if (lot.marking === null) return '';
  const height = lot.width * dice.between(0.36, 0.42) * (lot.marking.length > 3 ? 0.76 : 1);
  const turn = lot.isTurned ? 180 : 0;
  const at = [dice.between(-6, 6), dice.between(-4, 4)].map((value) => value.toFixed(1));
  return `<path transform="translate(${at}) rotate(${(turn + dice.between(-2, 2)).toFixed(1)})" d="${codeStrokes(lot.marking, height)}" fill="none" stroke="${rgb(lot.ink)}" stroke-width="${dice.between(2.4, 3.2).toFixed(1)}" stroke-linejoin="round" stroke-linecap="round" stroke-opacity="${dice.between(0.5, 0.72).toFixed(2)}"/>`;
}

/** Surface of one termination: from the component's end to its inner edge. */
export function terminationSurface(shape: ChipShape, side: -1 | 1): Point[] {
  const end = (side * shape.length) / 2;
  return [
    [end + side * 4, -shape.width / 2 - 4],
    ...shape.termini[side < 0 ? 0 : 1],
    [end + side * 4, shape.width / 2 + 4],
  ];
}

function drawTermination(
  dice: Dice,
  lot: Lot,
  { shape, side, light }: { shape: ChipShape; side: -1 | 1; light: { x: number; y: number } },
): string {
  const surface = path(terminationSurface(shape, side), true);
  const tone = dice.between(0.9, 1.06);
  const id = side < 0 ? 'left' : 'right';
  const stop = (offset: number, factor: number): string =>
    `<stop offset="${offset.toFixed(2)}" stop-color="${rgb(scale(lot.termination, tone * factor))}"/>`;
  const glint = 0.5 - light.y * 0.32 + dice.between(-0.1, 0.1);
  const gradient = `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1">${stop(0, 0.72)}${stop(Math.max(0.05, glint - 0.16), 0.95)}${stop(glint, dice.between(1.1, 1.3))}${stop(Math.min(0.95, glint + 0.16), 0.95)}${stop(1, 0.66)}</linearGradient>`;
  let spots = '';
  for (let i = dice.whole(2, 6); i > 0; i--) {
    const centre: Point = [
      side * dice.between(shape.length * 0.36, shape.length / 2),
      dice.between(-shape.width / 2, shape.width / 2),
    ];
    const bright = dice.chance(0.55);
    spots += `<path d="${path(blob(dice, { centre, radius: dice.between(1.5, bright ? 6 : 3), roughness: 0.3 }), true)}" fill="${bright ? 'white' : 'rgb(70,70,72)'}" fill-opacity="${dice.between(0.06, bright ? 0.22 : 0.12).toFixed(2)}"/>`;
  }
  const edge = path(shape.termini[side < 0 ? 0 : 1]);
  return (
    `${gradient}<path d="${surface}" fill="url(#${id})"/>${spots}` +
    `<path d="${edge}" fill="none" stroke="black" stroke-opacity="0.35" stroke-width="1.3"/>`
  );
}

/** Harmless traces on good and bad parts alike: dust, a dull smear, a faint rub mark. */
function drawWear(dice: Dice, shape: ChipShape): string {
  const spot = (): Point => [
    dice.between(-shape.length / 2, shape.length / 2),
    dice.between(-shape.width / 2, shape.width / 2),
  ];
  let wear = '';
  for (let i = dice.whole(0, 5); i > 0; i--) {
    const surface = blob(dice, { centre: spot(), radius: dice.between(0.6, 1.9), roughness: 0.3 });
    wear += `<path d="${path(surface, true)}" fill="${dice.chance(0.5) ? 'white' : 'black'}" fill-opacity="${dice.between(0.2, 0.5).toFixed(2)}"/>`;
  }
  if (dice.chance(0.35)) {
    const surface = blob(dice, { centre: spot(), radius: dice.between(12, 32), roughness: 0.25 });
    wear += `<path d="${path(surface, true)}" fill="${dice.chance(0.6) ? 'white' : 'black'}" fill-opacity="${dice.between(0.02, 0.06).toFixed(3)}"/>`;
  }
  if (dice.chance(0.3)) {
    const [x, y] = spot();
    wear += `<path d="M${x.toFixed(0)} ${y.toFixed(0)}l${dice.between(-26, 26).toFixed(0)} ${dice.between(-16, 16).toFixed(0)}" stroke="white" stroke-width="0.9" stroke-opacity="${dice.between(0.06, 0.16).toFixed(2)}"/>`;
  }
  return wear;
}
