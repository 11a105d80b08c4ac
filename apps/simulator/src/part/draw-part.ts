import type { Dice } from './dice.js';
import { type ChipShape, drawSurfaces } from './draw-chip.js';
import { drawFlaw, type Flaw } from './draw-flaw.js';
import type { View } from './draw-tape.js';
import { type Lot, rgb, scale } from './lot.js';
import { type Point, path } from './outline.js';
import { shapeChip } from './shape-chip.js';

/** Height of a component against its width; EIA 1206 parts are about 0.55 mm high and 1.6 mm wide. */
const HEIGHT_SHARE = 0.4;

interface Stand {
  /** Tilt about one end, radians: 0 lies flat, pi/2 stands on its end. */
  readonly tilt: number;
  /** The end that is up. */
  readonly up: -1 | 1;
}

/** The component lying (or, as a tombstone, standing) in its pocket, as SVG elements with its shadow. */
export function drawPart(dice: Dice, lot: Lot, { view, flaw }: { view: View; flaw: Flaw | null }): string {
  const shape = shapeChip(dice, lot, flaw);
  const stand: Stand =
    flaw?.defectClass === 'tombstone'
      ? { tilt: ((14 + 66 * flaw.severity) * Math.PI) / 180, up: dice.side() }
      : { tilt: 0, up: 1 };
  const turn = dice.between(-3, 3);
  const size = dice.between(0.98, 1.02);
  const at = [view.pocket.x + dice.between(-4, 4), view.pocket.y + dice.between(-4, 4)];
  const light = turned(view.light, -turn);
  const surfaces = drawSurfaces(dice, lot, { shape, light }) + drawFlaw(dice, lot, { shape, flaw });
  return [
    `<g transform="translate(${at.map((v) => v.toFixed(2))}) rotate(${turn.toFixed(2)}) scale(${size.toFixed(3)})">`,
    drawShadow(shape, stand, light),
    `<clipPath id="chip"><path d="${path(shape.outline, true)}"/></clipPath>`,
    `<g transform="${foreshorten(shape, stand)}"><g clip-path="url(#chip)">${surfaces}${drawRims(lot, shape, { light, flaw })}</g></g>`,
    drawEndFace(lot, shape, stand),
    '</g>',
  ].join('');
}

function turned(light: { x: number; y: number }, degrees: number): { x: number; y: number } {
  const angle = (degrees * Math.PI) / 180;
  return {
    x: light.x * Math.cos(angle) - light.y * Math.sin(angle),
    y: light.x * Math.sin(angle) + light.y * Math.cos(angle),
  };
}

/** Seen from above a tilted part is shorter; it turns about its lower end and rises towards the lens. */
function foreshorten(shape: ChipShape, { tilt, up }: Stand): string {
  if (tilt === 0) return '';
  const pivot = (-up * shape.length) / 2;
  const nearer = 1 + 0.1 * Math.sin(tilt);
  const middle = up * shape.length * 0.16 * Math.sin(tilt);
  return `translate(${(pivot + middle).toFixed(1)} 0) scale(${Math.cos(tilt).toFixed(3)} ${nearer.toFixed(3)}) translate(${(-pivot).toFixed(1)} 0)`;
}

/** The end that looks up at the lens when the part stands: tin, in another light than the top. */
function drawEndFace(lot: Lot, shape: ChipShape, { tilt, up }: Stand): string {
  if (tilt === 0) return '';
  const nearer = 1 + 0.1 * Math.sin(tilt);
  const middle = up * shape.length * 0.16 * Math.sin(tilt);
  const edge = (-up * shape.length) / 2 + middle + up * shape.length * Math.cos(tilt);
  const depth = up * shape.width * HEIGHT_SHARE * Math.sin(tilt) * 1.5;
  const half = (shape.width / 2) * nearer;
  const face: Point[] = [
    [edge, -half + 2],
    [edge + depth * 0.92, -half * 1.02 + 4],
    [edge + depth, -half + 10],
    [edge + depth, half - 10],
    [edge + depth * 0.92, half * 1.02 - 4],
    [edge, half - 2],
  ];
  return (
    `<path d="${path(face, true)}" fill="${rgb(scale(lot.termination, 0.78))}" stroke="black" stroke-opacity="0.3" stroke-width="1"/>` +
    `<path d="${path([
      [edge, -half + 3],
      [edge, half - 3],
    ])}" stroke="white" stroke-opacity="0.55" stroke-width="2" fill="none"/>`
  );
}

/** Soft shadow on the pocket's floor, away from the light; longer where the part stands up. */
function drawShadow(shape: ChipShape, { tilt, up }: Stand, light: { x: number; y: number }): string {
  const rise = 6 + 16 * Math.sin(tilt);
  const shortened = Math.max(0.35, Math.cos(tilt));
  const centre =
    tilt === 0 ? 0 : ((-up * shape.length) / 2) * (1 - shortened) + up * shape.length * 0.16 * Math.sin(tilt);
  const outline = path(
    shape.outline.map(([x, y]): Point => [x * shortened + centre, y]),
    true,
  );
  return [
    { width: 9, opacity: 0.12 },
    { width: 5, opacity: 0.16 },
    { width: 0.5, opacity: 0.3 },
  ]
    .map(
      ({ width, opacity }) =>
        `<path transform="translate(${(-light.x * rise).toFixed(1)} ${(-light.y * rise).toFixed(1)})" d="${outline}" fill="black" stroke="black" stroke-width="${width}" stroke-linejoin="round" opacity="${opacity}"/>`,
    )
    .join('');
}

/** Edges: bright towards the light, dark away from it; a broken corner shows its pale fracture. */
function drawRims(
  lot: Lot,
  shape: ChipShape,
  { light, flaw }: { light: { x: number; y: number }; flaw: Flaw | null },
): string {
  const moved = (by: number): string =>
    path(
      shape.outline.map(([x, y]): Point => [x + light.x * by, y + light.y * by]),
      true,
    );
  const rims =
    `<path d="${moved(1.6)}" fill="none" stroke="black" stroke-opacity="0.4" stroke-width="2.6"/>` +
    `<path d="${moved(-1.2)}" fill="none" stroke="white" stroke-opacity="0.3" stroke-width="1.6"/>`;
  if (flaw === null || shape.fracture.length === 0) return rims;
  const width = 3 + 5 * flaw.severity;
  return `${rims}<path d="${path(shape.fracture)}" fill="none" stroke="${rgb(scale(lot.ceramic, 0.82))}" stroke-width="${width.toFixed(1)}" stroke-opacity="0.85"/>`;
}
