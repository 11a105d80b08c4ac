import type { HardPicture } from '#contracts';
import type { Artefact } from '#model/artefact';
import { inOrder } from '#model/dataset/in-parallel';
import { readSample } from '#model/dataset/read-sample';
import { findWorstTile, verdictOfScored } from '#model/decide';
import { preparePicture } from '#model/preprocess/preprocess';
import { joinPictures, type ModelSession } from '#model/runtime/session';
import { ThreadedSession } from '#model/runtime/threaded-session';
import { type FindEvidence, openEvidence } from '#model/saliency';
import type { Scored } from '../judge/score.js';
import { MAX_PIXELS } from '../limits.js';
import { drawHeat, drawPicture } from '../page/picture.js';

/** A hard picture with its tile that decided, as data URIs; `heat` is null for models without tfjs files. */
export interface ShownPicture extends HardPicture {
  readonly picture: string;
  readonly heat: string | null;
}

/**
 * The defects that look best and the good pictures that look worst to the model, hardest first, each with the tile that
 * decided and the places in it that speak for a defect. A tfjs backend must be chosen.
 * @param count of each kind
 */
export async function showHardest(
  artefact: Artefact,
  scored: readonly Scored[],
  count: number,
): Promise<{ defects: ShownPicture[]; goods: ShownPicture[] }> {
  const byScore = [...scored].sort((a, b) => a.score - b.score);
  const findEvidence = await openEvidence(artefact);
  const { graph } = artefact.card;
  const outputs = [graph.outputs.probabilities, graph.outputs.featureMap, graph.outputs.embedding];
  const session = await ThreadedSession.open(artefact.graphFiles.fp32, { outputs });
  const show = async (some: readonly Scored[]): Promise<ShownPicture[]> => {
    const shown: ShownPicture[] = [];
    const drawn = inOrder(some, (one) => showPicture(one, { artefact, session, findEvidence }));
    for await (const one of drawn) shown.push(one);
    return shown;
  };
  try {
    return {
      defects: await show(byScore.filter(({ isDefect }) => isDefect).slice(0, count)),
      goods: await show(
        byScore
          .reverse()
          .filter(({ isDefect }) => !isDefect)
          .slice(0, count),
      ),
    };
  } finally {
    await session.close();
  }
}

async function showPicture(
  scored: Scored,
  {
    artefact: { card },
    session,
    findEvidence,
  }: { artefact: Artefact; session: ModelSession; findEvidence: FindEvidence | null },
): Promise<ShownPicture> {
  const { sample, score, isDefect } = scored;
  const prepared = await preparePicture(await readSample(sample), {
    preprocess: card.preprocess,
    maxPixels: MAX_PIXELS,
  });
  const { data, tiles, width, height } = prepared;
  const outputs = await session.run(joinPictures([prepared]));
  const probabilities = outputs[card.graph.outputs.probabilities]?.data ?? new Float32Array();
  const goodAt = card.labels.indexOf(card.good);
  const tile = findWorstTile(probabilities, { labels: card.labels.length, goodAt });
  const pixels = data.subarray(tile * width * height * 3, (tile + 1) * width * height * 3);
  const verdict = verdictOfScored(scored, card.operatingPoint);
  const map = outputs[card.graph.outputs.featureMap];
  const embedding = rowOf(outputs[card.graph.outputs.embedding]?.data, tile, tiles);
  let heat: string | null = null;
  if (findEvidence !== null && map !== undefined) {
    const [, mapHeight = 1, mapWidth = 1, channels = 1] = map.dims;
    const evidence = findEvidence({ featureMap: rowOf(map.data, tile, tiles), embedding, channels });
    heat = await drawHeat({ pixels, width, height }, { evidence, width: mapWidth, height: mapHeight });
  }
  return {
    path: sample.path,
    label: sample.kind ?? sample.label,
    score,
    verdict,
    isWrong: isDefect === (verdict === 'PASS'),
    tile: tile + 1,
    ofTiles: tiles,
    picture: await drawPicture({ pixels, width, height }),
    heat,
  };
}

function rowOf(data: Float32Array | undefined, row: number, rows: number): Float32Array {
  const length = (data?.length ?? 0) / rows;
  return data?.slice(row * length, (row + 1) * length) ?? new Float32Array();
}
