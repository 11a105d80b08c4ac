import type { Dice } from './dice.js';
import { type Lot, rgb, scale } from './lot.js';
import { blob, path } from './outline.js';

/** Where things lie in an upright picture of the tape, pixels. The tape runs from top to bottom. */
export interface View {
  readonly width: number;
  readonly height: number;
  /** Centre of the pocket that is being inspected. */
  readonly pocket: { readonly x: number; readonly y: number };
  /** Unit vector towards the light. */
  readonly light: { readonly x: number; readonly y: number };
}

/** Feed per part and distance of the sprocket holes from the pockets; EIA-481 keeps the hole halfway between two pockets. */
const FEED_PX = 166;
const HOLE_OFFSET_PX = 140;
const HOLE_RADIUS_PX = 25;

/** The carrier tape with its pockets and sprocket holes, as SVG elements; harmless dirt included, no component. */
export function drawTape(dice: Dice, lot: Lot, view: View): string {
  const parts = [
    `<rect x="-20" y="-20" width="${view.width + 40}" height="${view.height + 40}" fill="${rgb(lot.tape)}"/>`,
    lot.isPaper ? paperFibres(dice, lot, view) : plasticSheen(dice, view),
  ];
  for (const step of [-1, 0, 1]) parts.push(pocket(lot, view, view.pocket.y + step * FEED_PX));
  for (const step of [-0.5, 0.5]) {
    parts.push(hole(lot, view, { x: view.pocket.x - HOLE_OFFSET_PX, y: view.pocket.y + step * FEED_PX }));
  }
  parts.push(tapeDirt(dice, view));
  return parts.join('');
}

function pocket(lot: Lot, view: View, y: number): string {
  const [length, width] = [lot.length + 20, lot.width + 20];
  const box = (inset: number, shiftBy: number, attributes: string): string =>
    `<rect x="${(view.pocket.x - length / 2 + inset + view.light.x * shiftBy).toFixed(1)}" y="${(y - width / 2 + inset + view.light.y * shiftBy).toFixed(1)}" ` +
    `width="${(length - 2 * inset).toFixed(1)}" height="${(width - 2 * inset).toFixed(1)}" rx="${10 - inset / 2}" ${attributes}/>`;
  // The wall nearest the light lies in shadow, the far wall catches it: two boxes moved apart show both.
  return (
    box(-1, -1.6, `fill="${rgb(scale(lot.tape, 1.25))}"`) +
    box(0, 0, `fill="${rgb(scale(lot.pocketFloor, 0.5))}"`) +
    box(3, -3, `fill="${rgb(scale(lot.pocketFloor, 0.86))}"`) +
    box(5, -3, `fill="${rgb(lot.pocketFloor)}"`)
  );
}

function hole(lot: Lot, view: View, at: { x: number; y: number }): string {
  const circle = (radius: number, shiftBy: number, fill: string): string =>
    `<circle cx="${(at.x + view.light.x * shiftBy).toFixed(1)}" cy="${(at.y + view.light.y * shiftBy).toFixed(1)}" r="${radius}" fill="${fill}"/>`;
  return (
    circle(HOLE_RADIUS_PX + 1, -1.6, rgb(scale(lot.tape, 1.2))) +
    circle(HOLE_RADIUS_PX, 0, rgb(scale(lot.tape, 0.45))) +
    circle(HOLE_RADIUS_PX - 2, -2.4, rgb(lot.backdrop))
  );
}

function paperFibres(dice: Dice, lot: Lot, view: View): string {
  const strokes = (count: number, colour: string): string => {
    let data = '';
    for (let i = 0; i < count; i++) {
      const [x, y] = [dice.between(0, view.width), dice.between(0, view.height)];
      const [dx, dy] = [dice.between(-9, 9), dice.between(-9, 9)];
      data += `M${x.toFixed(0)} ${y.toFixed(0)}q${(dx + dice.between(-4, 4)).toFixed(0)} ${dy.toFixed(0)} ${(2 * dx).toFixed(0)} ${dy.toFixed(0)}`;
    }
    return `<path d="${data}" fill="none" stroke="${colour}" stroke-width="1" stroke-opacity="0.45"/>`;
  };
  return strokes(70, rgb(scale(lot.tape, 0.9))) + strokes(50, rgb(scale(lot.tape, 1.1)));
}

function plasticSheen(dice: Dice, view: View): string {
  const x = dice.between(0.1, 0.9) * view.width;
  let marks = '';
  for (let i = 0; i < 10; i++) {
    const [y, length] = [dice.between(0, view.height), dice.between(8, 50)];
    marks += `M${dice.between(0, view.width).toFixed(0)} ${y.toFixed(0)}l${dice.between(-3, 3).toFixed(1)} ${length.toFixed(0)}`;
  }
  return (
    `<linearGradient id="sheen"><stop offset="0" stop-color="white" stop-opacity="0"/><stop offset="0.5" stop-color="white" stop-opacity="${dice.between(0.04, 0.12).toFixed(3)}"/><stop offset="1" stop-color="white" stop-opacity="0"/></linearGradient>` +
    `<rect x="${(x - 45).toFixed(0)}" y="-20" width="90" height="${view.height + 40}" fill="url(#sheen)"/>` +
    `<path d="${marks}" fill="none" stroke="white" stroke-width="0.8" stroke-opacity="0.16"/>`
  );
}

/** Specks, flakes and the odd fibre beside the part: none of it is the part's fault. */
function tapeDirt(dice: Dice, view: View): string {
  let dirt = '';
  for (let i = dice.whole(0, 7); i > 0; i--) {
    const centre = [dice.between(0, view.width), dice.between(0, view.height)] as const;
    const radius = dice.chance(0.15) ? dice.between(3, 6) : dice.between(0.7, 2);
    const shade = dice.chance(0.6) ? 'rgb(40,34,28)' : 'rgb(235,232,225)';
    dirt += `<path d="${path(blob(dice, { centre, radius, roughness: 0.35 }), true)}" fill="${shade}" fill-opacity="${dice.between(0.4, 0.9).toFixed(2)}"/>`;
  }
  if (dice.chance(0.15)) {
    const [x, y] = [dice.between(0, view.width), dice.between(0, view.height)];
    dirt += `<path d="M${x.toFixed(0)} ${y.toFixed(0)}q${dice.between(-30, 30).toFixed(0)} ${dice.between(-30, 30).toFixed(0)} ${dice.between(-40, 40).toFixed(0)} ${dice.between(-40, 40).toFixed(0)}" fill="none" stroke="rgb(60,52,46)" stroke-width="1.1" stroke-opacity="0.6"/>`;
  }
  return dirt;
}
