import type { Point } from './outline.js';
import { path } from './outline.js';

/**
 * Strokes of the characters on chip resistors, in a cell 4 wide and 6 high. Drawn instead of set in a font: a bare
 * machine has no fonts, and a picture must not depend on what is installed.
 */
const STROKES: Readonly<Record<string, readonly (readonly Point[])[]>> = {
  '0': [
    [
      [1, 0],
      [3, 0],
      [4, 1],
      [4, 5],
      [3, 6],
      [1, 6],
      [0, 5],
      [0, 1],
      [1, 0],
    ],
  ],
  '1': [
    [
      [1, 1.2],
      [2.2, 0],
      [2.2, 6],
    ],
  ],
  '2': [
    [
      [0, 1],
      [1, 0],
      [3, 0],
      [4, 1],
      [4, 2.2],
      [0, 6],
      [4, 6],
    ],
  ],
  '3': [
    [
      [0, 0.6],
      [1, 0],
      [3, 0],
      [4, 1],
      [4, 2],
      [3, 3],
      [1.5, 3],
    ],
    [
      [3, 3],
      [4, 4],
      [4, 5],
      [3, 6],
      [1, 6],
      [0, 5.4],
    ],
  ],
  '4': [
    [
      [3, 6],
      [3, 0],
      [0, 4.2],
      [4, 4.2],
    ],
  ],
  '5': [
    [
      [4, 0],
      [0.4, 0],
      [0, 2.8],
      [3, 2.6],
      [4, 3.6],
      [4, 5],
      [3, 6],
      [1, 6],
      [0, 5.4],
    ],
  ],
  '6': [
    [
      [3.6, 0.3],
      [2.4, 0],
      [1, 0.6],
      [0, 2.4],
      [0, 5],
      [1, 6],
      [3, 6],
      [4, 5],
      [4, 3.6],
      [3, 2.8],
      [1, 2.8],
      [0, 3.8],
    ],
  ],
  '7': [
    [
      [0, 0],
      [4, 0],
      [1.6, 6],
    ],
  ],
  '8': [
    [
      [1, 0],
      [3, 0],
      [4, 1],
      [4, 2],
      [3, 2.9],
      [1, 2.9],
      [0, 2],
      [0, 1],
      [1, 0],
    ],
    [
      [1, 2.9],
      [0, 4],
      [0, 5],
      [1, 6],
      [3, 6],
      [4, 5],
      [4, 4],
      [3, 2.9],
    ],
  ],
  '9': [
    [
      [0.4, 5.7],
      [1.6, 6],
      [3, 5.4],
      [4, 3.6],
      [4, 1],
      [3, 0],
      [1, 0],
      [0, 1],
      [0, 2.4],
      [1, 3.2],
      [3, 3.2],
      [4, 2.2],
    ],
  ],
  R: [
    [
      [0, 6],
      [0, 0],
      [3, 0],
      [4, 1],
      [4, 2.2],
      [3, 3.2],
      [0, 3.2],
    ],
    [
      [2, 3.2],
      [4, 6],
    ],
  ],
};

/** Path data of a code centred on the origin, characters `height` pixels high; an unknown character leaves its cell empty. */
export function codeStrokes(code: string, height: number): string {
  const unit = height / 6;
  const pitch = 5.4 * unit;
  const start = (-(code.length - 1) * pitch) / 2 - 2 * unit;
  return [...code]
    .flatMap((character, i) =>
      (STROKES[character] ?? []).map((stroke) =>
        path(stroke.map(([x, y]): Point => [start + i * pitch + x * unit, (y - 3) * unit])),
      ),
    )
    .join('');
}
