import type { Dice } from './dice.js';
import type { ChipShape } from './draw-chip.js';
import type { Flaw } from './draw-flaw.js';
import type { Lot } from './lot.js';
import { jagged, type Point, roundedRectangle } from './outline.js';

/** The component's outline and the inner edges of its terminations; a chipped corner is bitten out of the outline. */
export function shapeChip(dice: Dice, lot: Lot, flaw: Flaw | null): ChipShape {
  const [length, width] = [lot.length * dice.between(0.985, 1.015), lot.width * dice.between(0.985, 1.015)];
  const corners = roundedRectangle({ length, width, radius: lot.cornerRadius });
  const broken = flaw?.defectClass === 'chipped_corner' ? dice.whole(0, 3) : null;
  if (broken !== null && flaw !== null) {
    corners[broken] = bite(dice, { corner: broken, length, width, size: 18 + 26 * flaw.severity });
  }
  const rough = corners.map((corner) =>
    corner.map(([x, y]): Point => [x + dice.between(-0.5, 0.5), y + dice.between(-0.5, 0.5)]),
  );
  const terminus = (side: -1 | 1): Point[] => {
    const x = side * (length / 2 - length * lot.terminationShare * dice.between(0.9, 1.1));
    const lean = dice.between(-3, 3);
    return jagged(dice, { from: [x - lean, -width / 2 - 4], to: [x + lean, width / 2 + 4], pieces: 8, jitter: 1.4 });
  };
  return {
    length,
    width,
    outline: rough.flat(),
    fracture: broken === null ? [] : (rough[broken] ?? []),
    termini: [terminus(-1), terminus(1)],
  };
}

/** Points replacing a corner, in the outline's direction: from the edge before it to the edge after it. */
function bite(
  dice: Dice,
  { corner, length, width, size }: { corner: number; length: number; width: number; size: number },
): Point[] {
  const [sx, sy] = [corner === 0 || corner === 3 ? -1 : 1, corner < 2 ? -1 : 1];
  const [alongX, alongY] = [size * dice.between(0.8, 1.5), size * dice.between(0.7, 1.1)];
  const onLongEdge: Point = [sx * (length / 2 - alongX), (sy * width) / 2];
  const onShortEdge: Point = [(sx * length) / 2, sy * (width / 2 - alongY)];
  const isLongFirst = corner === 1 || corner === 3;
  const [from, to] = isLongFirst ? [onLongEdge, onShortEdge] : [onShortEdge, onLongEdge];
  return jagged(dice, { from, to, pieces: 6, jitter: size * 0.14 });
}
