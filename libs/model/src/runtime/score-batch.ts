import { InvariantError } from '#contracts';
import type { ModelCard } from '../card.js';
import { type LabelledScores, worstTile } from '../decide.js';
import type { Prepared } from '../preprocess/preprocess.js';
import type { ModelSession } from './session.js';

/** What of a card says how its graph is read. */
export type Readout = Pick<ModelCard, 'labels' | 'good' | 'graph'>;

/**
 * Run prepared pictures of one size through a graph as one batch.
 * @returns per picture the probabilities of its worst tile
 * @throws InvariantError when the graph does not give one probability per label and tile
 */
export async function scoreBatch(
  session: ModelSession,
  { labels, good, graph }: Readout,
  pictures: readonly Prepared[],
): Promise<LabelledScores[]> {
  const [first] = pictures;
  if (first === undefined) return [];
  const { height, width } = first;
  const data = pictures.length === 1 ? first.data : Buffer.concat(pictures.map((picture) => picture.data));
  const count = pictures.reduce((sum, { tiles }) => sum + tiles, 0);
  const output = (await session.run({ data, count, height, width }))[graph.outputs.probabilities];
  if (output?.data.length !== count * labels.length) {
    throw new InvariantError(
      `Output ${graph.outputs.probabilities} must hold ${count} x ${labels.length} probabilities, it holds ${output?.data.length ?? 'nothing'}.`,
    );
  }
  let row = 0;
  return pictures.map(({ tiles }) => {
    const own = output.data.subarray(row * labels.length, (row + tiles) * labels.length);
    row += tiles;
    return worstTile(own, { labels, good });
  });
}
