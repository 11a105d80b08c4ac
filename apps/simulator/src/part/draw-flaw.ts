import type { Dice } from './dice.js';
import { type ChipShape, terminationSurface } from './draw-chip.js';
import { type Colour, type Lot, rgb, scale } from './lot.js';
import { blob, jagged, type Point, path } from './outline.js';

/** Kinds of defect, named as the folders of a data set. */
export const DEFECT_CLASSES = [
  'chipped_corner',
  'contamination',
  'crack',
  'missing_termination',
  'scratch',
  'tombstone',
] as const;
export type DefectClass = (typeof DEFECT_CLASSES)[number];

/** A defect and how bad it is: 0 cannot be seen, from about 0.3 on a person sees it, 1 is gross. */
export interface Flaw {
  readonly defectClass: DefectClass;
  readonly severity: number;
}

interface FlawSite {
  readonly dice: Dice;
  readonly lot: Lot;
  readonly shape: ChipShape;
  readonly severity: number;
}

/** What a flaw adds on top of the whole component's surfaces, as SVG elements. Chipped corners and tombstones change the shape instead. */
export function drawFlaw(dice: Dice, lot: Lot, { shape, flaw }: { shape: ChipShape; flaw: Flaw | null }): string {
  if (flaw === null) return '';
  const site: FlawSite = { dice, lot, shape, severity: flaw.severity };
  switch (flaw.defectClass) {
    case 'crack':
      return drawCrack(site);
    case 'scratch':
      return drawScratch(site);
    case 'contamination':
      return drawContamination(site);
    case 'missing_termination':
      return drawMissingTermination(site);
    case 'chipped_corner':
    case 'tombstone':
      return '';
  }
}

function line(points: readonly Point[], colour: string, width: number, opacity: number): string {
  return `<path d="${path(points)}" fill="none" stroke="${colour}" stroke-width="${width.toFixed(2)}" stroke-opacity="${opacity.toFixed(2)}" stroke-linejoin="round"/>`;
}

/** Runs in from a long edge. In the dark glass the broken edge shows pale. */
function drawCrack({ dice, lot, shape, severity }: FlawSite): string {
  const edge = dice.side();
  const from: Point = [dice.between(-0.28, 0.28) * shape.length, (edge * shape.width) / 2];
  const reach = shape.width * (0.44 + 0.7 * severity);
  const slant = dice.between(-0.7, 0.7);
  const to: Point = [from[0] + Math.sin(slant) * reach, from[1] - edge * Math.cos(slant) * reach];
  const main = jagged(dice, { from, to, pieces: 9, jitter: 3 });
  const branches = [main];
  if (dice.chance(severity)) {
    const root = main[dice.whole(3, 6)] ?? from;
    const turn = slant + dice.side() * dice.between(0.5, 0.9);
    const far = reach * dice.between(0.25, 0.45);
    branches.push(
      jagged(dice, {
        from: root,
        to: [root[0] + Math.sin(turn) * far, root[1] - edge * Math.cos(turn) * far],
        pieces: 5,
        jitter: 2,
      }),
    );
  }
  const pale = rgb(lot.ceramic);
  const width = 1.7 + 1.5 * severity;
  return branches
    .map((points) => {
      const beside = points.map(([x, y]): Point => [x + 1, y + 0.6]);
      return line(beside, 'black', width, 0.5) + line(points, pale, width, 0.5 + 0.4 * severity);
    })
    .join('');
}

/** One to three parallel strokes of a tool or a rail; straight, thin, bright. */
function drawScratch({ dice, lot, shape, severity }: FlawSite): string {
  const angle = dice.between(0, Math.PI);
  const length = shape.length * (0.34 + 0.4 * severity);
  const centre: Point = [dice.between(-0.22, 0.22) * shape.length, dice.between(-0.26, 0.26) * shape.width];
  const shine = rgb(scale(lot.termination, dice.between(1, 1.12)));
  let strokes = '';
  for (let i = dice.whole(1, 1 + Math.round(2 * severity)); i > 0; i--) {
    const own = length * dice.between(0.75, 1);
    const off = dice.between(-6, 6);
    const [cx, cy] = [centre[0] - Math.sin(angle) * off, centre[1] + Math.cos(angle) * off];
    const [dx, dy] = [(Math.cos(angle) * own) / 2, (Math.sin(angle) * own) / 2];
    const points = jagged(dice, { from: [cx - dx, cy - dy], to: [cx + dx, cy + dy], pieces: 6, jitter: 0.6 });
    const width = 1.7 + 1.1 * severity * dice.between(0.7, 1);
    const beside = points.map(([x, y]): Point => [x + 0.9, y + 0.9]);
    strokes += line(beside, 'black', width, 0.3) + line(points, shine, width, 0.6 + 0.35 * severity);
  }
  return strokes;
}

const DIRT: readonly [Colour, ...Colour[]] = [
  [112, 76, 36],
  [88, 58, 30],
  [156, 122, 66],
  [206, 196, 150],
];

/** Flux residue, a flake or a fibre lying on the component. */
function drawContamination({ dice, shape, severity }: FlawSite): string {
  const centre: Point = [dice.between(-0.38, 0.38) * shape.length, dice.between(-0.36, 0.36) * shape.width];
  const colour = rgb(dice.pick(DIRT));
  if (dice.chance(0.25)) {
    const reach = 24 + 60 * severity;
    const turn = dice.between(0, 2 * Math.PI);
    const far: Point = [centre[0] + Math.cos(turn) * reach, centre[1] + Math.sin(turn) * reach];
    const bend: Point = [
      (centre[0] + far[0]) / 2 - Math.sin(turn) * dice.between(-24, 24),
      (centre[1] + far[1]) / 2 + Math.cos(turn) * dice.between(-24, 24),
    ];
    return `<path d="M${centre.map((v) => v.toFixed(1)).join(' ')}Q${[...bend, ...far].map((v) => v.toFixed(1)).join(' ')}" fill="none" stroke="${colour}" stroke-width="${(1.8 + 1.4 * severity).toFixed(2)}" stroke-opacity="${(0.75 + 0.2 * severity).toFixed(2)}" stroke-linecap="round"/>`;
  }
  const radius = 8 + 15 * severity;
  let lumps = '';
  for (let i = dice.whole(1, 3); i > 0; i--) {
    const own: Point = [
      centre[0] + dice.between(-radius, radius) * 0.7,
      centre[1] + dice.between(-radius, radius) * 0.7,
    ];
    const surface = path(blob(dice, { centre: own, radius: radius * dice.between(0.5, 1), roughness: 0.3 }), true);
    lumps += `<path d="${surface}" fill="${colour}" fill-opacity="${dice.between(0.7, 0.8 + 0.2 * severity).toFixed(2)}" stroke="black" stroke-opacity="0.25" stroke-width="1"/>`;
  }
  const glint = blob(dice, {
    centre: [centre[0] - radius * 0.2, centre[1] - radius * 0.25],
    radius: radius * 0.16,
    roughness: 0.2,
  });
  return `${lumps}<path d="${path(glint, true)}" fill="white" fill-opacity="0.35"/>`;
}

/** Bare electrode where tin should be: a part of the end at first, the whole end when gross. */
function drawMissingTermination({ dice, lot, shape, severity }: FlawSite): string {
  const side = dice.side();
  const bare = dice.chance(0.5) ? lot.electrode : scale(lot.electrode, 0.75);
  const whole = path(terminationSurface(shape, side), true);
  const rest = `<path d="${whole}" fill="${rgb(bare)}"/>`;
  const depth = shape.length * lot.terminationShare;
  if (severity > 0.7) {
    const stain = blob(dice, {
      centre: [side * (shape.length / 2 - depth * 0.4), dice.between(-0.3, 0.3) * shape.width],
      radius: depth * dice.between(0.2, 0.4),
      roughness: 0.3,
    });
    return `${rest}<path d="${path(stain, true)}" fill="${rgb(scale(bare, 0.85))}" fill-opacity="0.5"/>`;
  }
  // Peeled from one long edge: the tin ends in a ragged line across the termination.
  const from = dice.side();
  const y = from * (shape.width / 2 - shape.width * (0.36 + 0.85 * severity));
  const end = (side * shape.length) / 2;
  const inner = end - side * (depth + 3);
  const tear = jagged(dice, { from: [end + side * 4, y], to: [inner, y + dice.between(-8, 8)], pieces: 7, jitter: 3 });
  const peeled = [
    ...tear,
    [inner, from * (shape.width / 2 + 4)],
    [end + side * 4, from * (shape.width / 2 + 4)],
  ] as const;
  return `<path d="${path(peeled, true)}" fill="${rgb(bare)}"/>${line(tear, 'black', 1.2, 0.45)}`;
}
