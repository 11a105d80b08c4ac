import { InvariantError } from '#contracts';
import type { ModelCard } from '../card.js';
import { type LabelledScores, worstTile } from '../decide.js';
import type { Prepared } from '../preprocess/preprocess.js';
import { joinPictures, type ModelSession } from './session.js';

/** What of a card says how its graph is read. */
export type Readout = Pick<ModelCard, 'labels' | 'good' | 'graph' | 'guard'>;

/** The outputs of a graph that a decision needs. */
export function outputsOf({ graph, guard }: Pick<Readout, 'graph' | 'guard'>): string[] {
  return [graph.outputs.probabilities, ...(guard === null ? [] : [guard.output])];
}

/**
 * Run prepared pictures of one size through a graph as one batch.
 * @returns per picture the probabilities of its worst tile, and its distance where the model has a guard
 * @throws InvariantError when the graph does not give one probability per label and tile, or one distance per tile
 */
export async function scoreBatch(
  session: Pick<ModelSession, 'run'>,
  { labels, good, graph, guard }: Readout,
  pictures: readonly Prepared[],
): Promise<LabelledScores[]> {
  if (pictures.length === 0) return [];
  const batch = joinPictures(pictures);
  const { count } = batch;
  const outputs = await session.run(batch);
  const read = (name: string, perTile: number): Float32Array => {
    const found = outputs[name]?.data;
    if (found?.length === count * perTile) return found;
    throw new InvariantError(
      `Output ${name} must hold ${count} x ${perTile} numbers, it holds ${found?.length ?? 'nothing'}.`,
    );
  };
  const probabilities = read(graph.outputs.probabilities, labels.length);
  const distances = guard === null ? undefined : read(guard.output, 1);
  let row = 0;
  return pictures.map(({ tiles }) => {
    const own = probabilities.subarray(row * labels.length, (row + tiles) * labels.length);
    const labelled = worstTile(own, { labels, good, distances: distances?.subarray(row, row + tiles) });
    row += tiles;
    return labelled;
  });
}
