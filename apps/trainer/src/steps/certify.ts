import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { div, sub, type Tensor, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { InvariantError, RefusedError } from '#contracts';
import type { Certification, OperatingPoint, Preprocess } from '#model/card';
import { defectScore, worstTile } from '#model/decide';
import { preparePicture } from '#model/preprocess/preprocess';
import type { Readout } from '#model/runtime/score-batch';

/** What the fresh process is asked to score. */
export interface CertifyOrder {
  readonly graphFile: string;
  readonly readout: Readout;
  readonly preprocess: Preprocess;
  readonly operatingPoint: OperatingPoint;
  readonly maxPixels: number;
  /** Encoded pictures with the defect score the trainer's own network gives them. */
  readonly pictures: readonly { readonly file: string; readonly score: number }[];
}

export type CertifyAnswer =
  | { readonly kind: 'compared'; readonly scores: readonly number[]; readonly flips: number; readonly runtime: string }
  | { readonly kind: 'failed'; readonly message: string };

export interface CertifyRequest extends Omit<CertifyOrder, 'pictures'> {
  readonly files: readonly string[];
}

/** Exported and trained network may differ by this much in a score (fp32, other summing order). */
const TOLERANCE = 1e-4;

export interface Certified {
  readonly certification: Certification;
  /** Scores of the exported graph, in the pictures' order. */
  readonly scores: readonly number[];
}

/**
 * Compare the exported graph, loaded in a fresh process, with the network as it was trained.
 * @throws RefusedError CERTIFICATION_FAILED when a score differs by more than 1e-4 or a verdict flips
 */
export async function certify(network: LayersModel, request: CertifyRequest): Promise<Certified> {
  const { files, ...order } = request;
  const own: number[] = [];
  for (const file of files) own.push(await scoreWithTfjs(network, { ...request, file }));
  const pictures = files.map((file, i) => ({ file, score: own[i] ?? Number.NaN }));
  const answer = await inFreshProcess({ ...order, pictures });
  if (answer.kind === 'failed')
    throw new RefusedError('CERTIFICATION_FAILED', `The exported model does not load: ${answer.message}`);
  const differences = answer.scores.map((score, i) => Math.abs(score - (own[i] ?? Number.NaN)));
  const maxDifference = differences.reduce((max, difference) => (difference <= max ? max : difference), 0);
  if (!(maxDifference <= TOLERANCE) || answer.flips > 0) {
    throw new RefusedError(
      'CERTIFICATION_FAILED',
      `The exported model disagrees with the trained one: largest difference ${maxDifference}, expected at most ${TOLERANCE}; ${answer.flips} of ${files.length} verdicts flip. It does not enter the registry.`,
    );
  }
  const { scores, flips, runtime } = answer;
  return { scores, certification: { pictures: files.length, maxDifference, flips, runtime } };
}

/** Defect score of one picture by the network as it was trained. */
async function scoreWithTfjs(
  network: LayersModel,
  { file, readout, preprocess, maxPixels }: CertifyRequest & { file: string },
): Promise<number> {
  const picture = await preparePicture(await readFile(file), { preprocess, maxPixels });
  const probabilities = tidy(() => {
    const pixels = tensor4d(Float32Array.from(picture.data), [picture.tiles, picture.height, picture.width, 3]);
    // The exported graph does this by itself, the trained network does not.
    const { mean, std } = readout.graph.normalise;
    return network.predict(div(sub(pixels, mean), std)) as Tensor;
  });
  const values = probabilities.dataSync<'float32'>();
  probabilities.dispose();
  return defectScore(worstTile(values, readout));
}

async function inFreshProcess(order: CertifyOrder): Promise<CertifyAnswer> {
  const child = fork(new URL('./certify-process.js', import.meta.url), { serialization: 'advanced' });
  child.send(order);
  const exited = once(child, 'exit').then(([code]) => {
    throw new InvariantError(`The certifying process ended with ${code} before it answered.`);
  });
  const [answer] = (await Promise.race([once(child, 'message'), exited])) as [CertifyAnswer];
  exited.catch(() => undefined);
  child.disconnect();
  return answer;
}

/**
 * Scores that a graph of another precision, loaded in a fresh process, gives to the golden pictures.
 * @throws RefusedError CERTIFICATION_FAILED when it does not load there
 */
export async function scoreGolden(
  order: Omit<CertifyOrder, 'pictures'>,
  golden: { readonly files: readonly string[] },
  dir: string,
): Promise<readonly number[]> {
  const pictures = golden.files.map((file) => ({ file: join(dir, file), score: 0 }));
  const answer = await inFreshProcess({ ...order, pictures });
  if (answer.kind === 'compared') return answer.scores;
  throw new RefusedError('CERTIFICATION_FAILED', `Graph ${order.graphFile} does not load: ${answer.message}`);
}
