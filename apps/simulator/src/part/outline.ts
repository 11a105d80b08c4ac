import type { Dice } from './dice.js';

/** x, y in pixels. */
export type Point = readonly [number, number];

/** Path data of a line or, when closed, a surface. One decimal is a tenth of a pixel: enough, and short. */
export function path(points: readonly Point[], closed = false): string {
  return `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}${closed ? 'Z' : ''}`;
}

/** A line from a to b that wanders by up to `jitter` pixels at each of its inner points; the ends stay. */
export function jagged(dice: Dice, options: { from: Point; to: Point; pieces: number; jitter: number }): Point[] {
  const { from, to, pieces, jitter } = options;
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
  const normal: Point = [-(to[1] - from[1]) / length, (to[0] - from[0]) / length];
  return Array.from({ length: pieces + 1 }, (_, i): Point => {
    const along = i / pieces;
    const off = i === 0 || i === pieces ? 0 : dice.between(-jitter, jitter);
    return [
      from[0] + (to[0] - from[0]) * along + normal[0] * off,
      from[1] + (to[1] - from[1]) * along + normal[1] * off,
    ];
  });
}

/** A rounded blob: radius varies by `roughness` (0 = circle); stretched along a random direction. */
export function blob(dice: Dice, options: { centre: Point; radius: number; roughness: number }): Point[] {
  const { centre, radius, roughness } = options;
  const turn = dice.between(0, Math.PI);
  const stretch = dice.between(0.7, 1);
  const points = Math.max(8, Math.min(22, Math.round(radius * 2)));
  return Array.from({ length: points }, (_, i): Point => {
    const angle = (2 * Math.PI * i) / points;
    const own = radius * (1 + dice.between(-roughness, roughness));
    const [x, y] = [Math.cos(angle) * own, Math.sin(angle) * own * stretch];
    return [centre[0] + x * Math.cos(turn) - y * Math.sin(turn), centre[1] + x * Math.sin(turn) + y * Math.cos(turn)];
  });
}

/** A rectangle around the origin with rounded corners; corner order: top left, top right, bottom right, bottom left. */
export function roundedRectangle(options: { length: number; width: number; radius: number }): Point[][] {
  const { length, width, radius } = options;
  const corners: readonly (readonly [number, number, number])[] = [
    [-1, -1, Math.PI],
    [1, -1, 1.5 * Math.PI],
    [1, 1, 0],
    [-1, 1, 0.5 * Math.PI],
  ];
  return corners.map(([sx, sy, start]) =>
    [0, 0.25, 0.5, 0.75, 1].map((part): Point => {
      const angle = start + (part * Math.PI) / 2;
      return [
        sx * (length / 2 - radius) + Math.cos(angle) * radius,
        sy * (width / 2 - radius) + Math.sin(angle) * radius,
      ];
    }),
  );
}
