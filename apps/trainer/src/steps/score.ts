import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { InputError, InvariantError, messageOf } from '#contracts';
import type { Preprocess } from '#model/card';
import type { Sample } from '#model/dataset/dataset';
import { GOOD } from '#model/dataset/dataset';
import { listSome } from '#model/dataset/list-some';
import { defectScore } from '#model/decide';
import { type Readout, scoreBatch } from '#model/onnx/score-batch';
import { OnnxSession } from '#model/onnx/session';
import { type Prepared, preparePicture } from '#model/preprocess/preprocess';

export interface ScoreRequest {
  /** Path of the exported graph. */
  readonly graphFile: string;
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
}

/** Pictures in flight: one chunk decodes while the last one is in the network. */
const CHUNK = 16;

/**
 * Score labelled pictures with an exported graph, as the line would: same preprocessing, same runtime.
 * @throws InputError IMAGE_UNREADABLE listing every picture that cannot be judged
 */
export async function scorePictures(samples: readonly Sample[], request: ScoreRequest): Promise<Scored[]> {
  const { graphFile, readout } = request;
  const outputs = [readout.graph.outputs.probabilities];
  const { graphFile, readout } = request;
  const outputs = [readout.graph.outputs.probabilities];
  const session = await OnnxSession.open(graphFile, { threads: availableParallelism(), outputs });
  const scored: Scored[] = [];
  let next = prepareChunk(samples, 0, request);
  for (let from = 0; from < samples.length; from += CHUNK) {
    const pictures = await next;
    next = prepareChunk(samples, from + CHUNK, request);
    for (const labelled of await scoreBatch(session, readout, pictures)) {
      const sample = samples[scored.length];
      if (sample === undefined) throw new InvariantError('More scores than pictures.');
      scored.push({ sample, score: defectScore(labelled), isDefect: sample.label !== GOOD });
    }
    request.onProgress?.(scored.length, samples.length);
  }
  await session.close();
  return scored;
}

function prepareChunk(samples: readonly Sample[], request: ScoreRequest, problems: string[]): Promise<Ready[]> {
  const ready = await Promise.all(
    samples.map(async (sample): Promise<Ready[]> => {
      try {
        return [{ sample, picture: await preparePicture(await readFile(sample.file), request) }];
      } catch (error) {
        problems.push(`${sample.path} (${messageOf(error)})`);
        return [];
      }
    }),
  );
  return ready.flat();
}
