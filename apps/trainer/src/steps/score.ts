import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { InvariantError } from '#contracts';
import type { Preprocess } from '#model/card';
import type { Sample } from '#model/dataset/dataset';
import { GOOD } from '#model/dataset/dataset';
import { defectScore, worstTile } from '#model/decide';
import { OnnxSession } from '#model/onnx/session';
import { type Prepared, preparePicture } from '#model/preprocess/preprocess';

export interface ScoreRequest {
  /** Path of the exported graph. */
  readonly graph: string;
  /** Name of its output with the probabilities. */
  readonly output: string;
  readonly labels: readonly string[];
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
}

/** Pictures in flight: one chunk decodes while the last one is in the network. */
const CHUNK = 16;

/** Score labelled pictures with an exported graph, as the line would: same preprocessing, same runtime. */
export async function scorePictures(samples: readonly Sample[], request: ScoreRequest): Promise<Scored[]> {
  const session = await OnnxSession.open(request.graph, { threads: availableParallelism(), outputs: [request.output] });
  const scored: Scored[] = [];
  let next = prepareChunk(samples, 0, request);
  for (let from = 0; from < samples.length; from += CHUNK) {
    const pictures = await next;
    next = prepareChunk(samples, from + CHUNK, request);
    const scores = await scoreChunk(session, pictures, request);
    for (const [i, score] of scores.entries()) {
      const sample = samples[from + i];
      if (sample !== undefined) scored.push({ sample, score, isDefect: sample.label !== GOOD });
    }
    request.onProgress?.(scored.length, samples.length);
  }
  await session.close();
  return scored;
}

function prepareChunk(samples: readonly Sample[], from: number, request: ScoreRequest): Promise<Prepared[]> {
  return Promise.all(
    samples.slice(from, from + CHUNK).map(async ({ file }) => preparePicture(await readFile(file), request)),
  );
}

async function scoreChunk(
  session: OnnxSession,
  pictures: readonly Prepared[],
  request: ScoreRequest,
): Promise<number[]> {
  const { width, height } = request.preprocess.resize;
  const data = Buffer.concat(pictures.map((picture) => picture.data));
  const count = pictures.reduce((sum, { tiles }) => sum + tiles, 0);
  const { [request.output]: output } = await session.run({ data, count, height, width });
  if (output === undefined) throw new InvariantError(`The graph has no output ${request.output}.`);
  const labels = request.labels.length;
  let row = 0;
  return pictures.map(({ tiles }) => {
    const own = output.data.subarray(row * labels, (row + tiles) * labels);
    row += tiles;
    return defectScore(worstTile(own, { labels: request.labels, good: GOOD }));
  });
}
