import { HARDEST_TILES } from '../plan/settle.js';
import type { Example } from './example.js';
import { tilesOf } from './worst-tile.js';

/**
 * Which tiles of the training pictures teach. A defective picture says only that one of its tiles shows the defect
 * (multiple-instance learning, Andrews et al. 2002), and a good one is passed by its worst tile, so most of its tiles
 * have nothing to say. A head that was taught every tile finds the defect's tile, the worst of its picture; one that was
 * taught these finds the tiles of good pictures that it still takes for a defect. The others are dropped.
 * @param teach trains a head on tiles and says what it then thinks of each of them, [tiles, labels]
 * @returns the examples themselves, unasked, where every picture has one tile
 */
export async function chooseTiles(
  examples: readonly Example[],
  { labels, teach }: { labels: number; teach: (tiles: readonly Example[], pass: number) => Promise<Float32Array> },
): Promise<readonly Example[]> {
  if (tilesOf(examples).size === examples.length) return examples;
  const located = keepWorst(examples, { labels, thoughts: await teach(examples, 1), good: Number.POSITIVE_INFINITY });
  return keepWorst(located, { labels, thoughts: await teach(located, 2), good: HARDEST_TILES });
}

/** The worst tile of each defective picture and so many of each `good` one, in the examples' order. */
function keepWorst(
  examples: readonly Example[],
  { labels, thoughts, good }: { labels: number; thoughts: Float32Array; good: number },
): Example[] {
  const goodness = (at: number): number => thoughts[at * labels] ?? Number.NaN;
  const kept = [...tilesOf(examples).values()].flatMap((tiles) => {
    const most = examples[tiles[0] ?? 0]?.label === 0 ? good : 1;
    return tiles.toSorted((a, b) => goodness(a) - goodness(b)).slice(0, most);
  });
  return kept.sort((a, b) => a - b).map((at) => examples[at] as Example);
}
