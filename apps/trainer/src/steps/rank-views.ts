import { aurocInterval, type GroupedSample } from '#model/metrics-interval';
import { auroc } from '#model/metrics-ranking';
import { probeOutOfFold } from '../fit/probe.js';
import type { Example } from './example.js';

/** A tile of the pictures that are asked, and which part of them it is judged with. */
export interface AskedTile extends Pick<Example, 'label' | 'picture' | 'group'> {
  readonly fold: number;
}

export interface RankRequest {
  /** Of every view, the plain one first: the embeddings of all tiles, one behind the other. */
  readonly views: readonly Float32Array[];
  /** Numbers of one embedding. */
  readonly width: number;
  readonly tiles: readonly AskedTile[];
  readonly classes: number;
  readonly seed: number;
}

/** How well probes rank the pictures in a view, with 95 % limits. */
export interface RankedView {
  readonly auroc: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Judge every view of pictures by probes that have learned from plain ones, and that view, of other folds alone.
 * @returns in the views' order
 */
export function rankViews({ views, ...request }: RankRequest): RankedView[] {
  const [plain, ...others] = views;
  if (plain === undefined) return [];
  return [rank([plain], request), ...others.map((view) => rank([plain, view], request))];
}

/** Judge the last of the shown views by probes that learn from all of them. */
function rank(shown: readonly Float32Array[], { tiles, width, classes, seed }: Omit<RankRequest, 'views'>): RankedView {
  const values = new Float32Array(shown.length * tiles.length * width);
  for (const [i, view] of shown.entries()) values.set(view, i * tiles.length * width);
  const every = <T>(of: (tile: AskedTile) => T): T[] => shown.flatMap(() => tiles.map(of));
  const labels = every(({ label }) => label);
  const opinions = probeOutOfFold({
    ...{ values, width, classes, seed, labels },
    folds: every(({ fold }) => fold),
    taught: [...labels.keys()],
  });
  const pictures = joinTiles(tiles, opinions.slice(-tiles.length));
  return { auroc: auroc(pictures), ...aurocInterval(pictures) };
}

/** A picture's score is the mean of its tiles', as each has learned the picture's label. */
function joinTiles(tiles: readonly AskedTile[], opinions: readonly Float64Array[]): GroupedSample[] {
  const joined = new Map<number, { score: number; isDefect: boolean; group: string; tiles: number }>();
  for (const [i, { picture, label, group }] of tiles.entries()) {
    const known = joined.get(picture) ?? { score: 0, isDefect: label !== 0, group, tiles: 0 };
    known.score += 1 - (opinions[i]?.[0] ?? Number.NaN);
    known.tiles += 1;
    joined.set(picture, known);
  }
  return [...joined.values()].map(({ tiles: n, score, ...one }) => ({ ...one, score: score / n }));
}
