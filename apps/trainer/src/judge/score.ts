import { codeOf, foundIn, InputError, InvariantError } from '#contracts';
import type { Preprocess } from '#model/card';
import { chunksOf, inOrder } from '#model/dataset/in-parallel';
import { type Found, listFound } from '#model/dataset/list-some';
import { readSample } from '#model/dataset/read-sample';
import type { Sample } from '#model/dataset/sample';
import { GOOD } from '#model/dataset/sample';
import type { Split } from '#model/dataset/split';
import { defectScore, isUnfamiliar, type LabelledScores, worstDefect } from '#model/decide';
import { type Prepared, preparePicture } from '#model/preprocess/preprocess';
import { outputsOf, type Readout, scoreBatch } from '#model/runtime/score-batch';
import type { ModelSession } from '#model/runtime/session';
import { ThreadedSession } from '#model/runtime/threaded-session';

export interface ScoreRequest {
  readonly readout: Readout;
  readonly preprocess: Preprocess;
  readonly maxPixels: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** A picture and what the model says of it. */
export interface Scored {
  readonly sample: Sample;
  /** 1 - P(good) of the worst tile. */
  readonly score: number;
  readonly isDefect: boolean;
  /** The class it is given if it does not pass. */
  readonly defectClass?: string | null;
  /** The guard does not know it; this and how unlike training its strangest tile is are absent without a guard. */
  readonly isUnfamiliar?: boolean;
  readonly distance?: number | undefined;
}

/** What judges a model: the sides that nothing was learned from. */
export interface ScoredSides {
  readonly validation: readonly Scored[];
  readonly test: readonly Scored[];
}

/** Tiles that go through the network at once, those of one picture always. */
const TILES = 8;

/**
 * Score labelled pictures with an exported graph, as the line would: same preprocessing, ONNX Runtime on the CPU.
 * @param request `graphFile` path of the graph
 * @throws InputError IMAGE_UNREADABLE listing every picture that cannot be judged; DATA_CHANGED
 */
export async function scorePictures(
  samples: readonly Sample[],
  request: ScoreRequest & { readonly graphFile: string },
): Promise<Scored[]> {
  const outputs = outputsOf(request.readout);
  const session = await ThreadedSession.open(request.graphFile, { outputs });
  try {
    return await scoreWith(session, samples, request);
  } finally {
    await session.close();
  }
}

/**
 * Score the two sides that nothing was learned from, with one session.
 * @throws InputError as {@link scorePictures}
 */
export async function scoreSides(
  { val, test }: Pick<Split, 'val' | 'test'>,
  request: ScoreRequest & { readonly graphFile: string },
): Promise<ScoredSides> {
  const scored = await scorePictures([...val, ...test], request);
  return { validation: scored.slice(0, val.length), test: scored.slice(val.length) };
}

/**
 * The same with a model that is open already, in whatever runtime.
 * @throws InputError IMAGE_UNREADABLE listing every picture that cannot be judged; DATA_CHANGED
 */
export async function scoreWith(
  session: ModelSession,
  samples: readonly Sample[],
  request: ScoreRequest,
): Promise<Scored[]> {
  const scored: Scored[] = [];
  const problems: Found[] = [];
  const judge = async (chunk: readonly Sample[]): Promise<Scored[]> => {
    const ready = await prepareChunk(chunk, request, problems);
    // After the first broken picture the rest is only looked at, so that one error names them all.
    return problems.length === 0 ? scoreChunk(session, ready, request) : [];
  };
  const { columns, rows } = request.preprocess.tiles;
  const atOnce = Math.max(1, Math.floor(TILES / (columns * rows)));
  let done = 0;
  for await (const some of inOrder(chunksOf(samples, atOnce), judge)) {
    scored.push(...some);
    done = Math.min(done + atOnce, samples.length);
    request.onProgress?.(done, samples.length);
  }
  if (problems.length === 0) return scored;
  throw new InputError(
    'IMAGE_UNREADABLE',
    `${problems.length} of ${samples.length} pictures cannot be judged: ${listFound(problems)}. Replace them or take them out.`,
  );
}

interface Ready {
  readonly sample: Sample;
  readonly picture: Prepared;
}

/** What cannot be read is named in `problems`; data that changes ends the whole: no figure would be of what was learnt. */
async function prepareChunk(samples: readonly Sample[], request: ScoreRequest, problems: Found[]): Promise<Ready[]> {
  const ready = await Promise.all(
    samples.map(async (sample): Promise<Ready[]> => {
      try {
        return [{ sample, picture: await preparePicture(await readSample(sample), request) }];
      } catch (error) {
        if (codeOf(error) === 'DATA_CHANGED') throw error;
        problems.push({ path: sample.path, reason: foundIn(error) });
        return [];
      }
    }),
  );
  return ready.flat();
}

async function scoreChunk(
  session: ModelSession,
  ready: readonly Ready[],
  { readout }: ScoreRequest,
): Promise<Scored[]> {
  const labelled = await scoreBatch(
    session,
    readout,
    ready.map(({ picture }) => picture),
  );
  return labelled.map((one, i) => {
    const sample = ready[i]?.sample;
    if (sample === undefined) throw new InvariantError('More scores than pictures.');
    return { sample, isDefect: sample.label !== GOOD, ...readScore(one, readout) };
  });
}

/** What is kept of a picture's scores. */
export function readScore(labelled: LabelledScores, { guard }: Pick<Readout, 'guard'>) {
  const said = { score: defectScore(labelled), defectClass: worstDefect(labelled) };
  return guard === null ? said : { ...said, isUnfamiliar: isUnfamiliar(labelled, guard), distance: labelled.distance };
}
