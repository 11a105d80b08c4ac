import type { Head } from '#model/head';
import type { Crew } from '../fit/crew.js';
import type { Example } from './example.js';
import { worstTiles } from './worst-tile.js';

/**
 * A defective picture cut into tiles says only that one of them shows the defect. Keep the tile that looks worst to the
 * network as it stands and drop the others; tiles of good pictures are all good and stay (multiple-instance learning,
 * Andrews et al. 2002). Pictures of one tile stay as they are.
 */
export async function focus(
  crew: Pick<Crew, 'predict'>,
  examples: readonly Example[],
  head: Head,
): Promise<readonly Example[]> {
  const pictures = new Set(examples.map(({ picture }) => picture));
  if (pictures.size === examples.length) return examples;
  const probabilities = await crew.predict(examples.map(({ plain }) => plain));
  const worst = worstTiles(examples, probabilities, head.labels);
  return examples.filter(({ label, picture }, at) => label === 0 || worst.get(picture)?.at === at);
}
