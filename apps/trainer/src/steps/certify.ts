import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { div, sub, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { InvariantError, RefusedError } from '#contracts';
import type { Certification, OperatingPoint, Preprocess } from '#model/card';
import { chunksOf } from '#model/dataset/in-parallel';
import { defectScore, type LabelledScores } from '#model/decide';
import { preparePicture } from '#model/preprocess/preprocess';
import { outputsOf, type Readout, scoreBatch } from '#model/runtime/score-batch';
import type { PictureBatch } from '#model/runtime/session';

/** What the fresh process is asked to score. */
export interface CertifyOrder {
  readonly graphFile: string;
  readonly readout: Readout;
  readonly preprocess: Preprocess;
  readonly operatingPoint: OperatingPoint;
  readonly maxPixels: number;
  /** Encoded pictures with what the trainer's own network says of them. */
  readonly pictures: readonly (Figures & { readonly file: string })[];
}

/** What a graph says of a picture: defect score, and distance where the model has a guard. */
export interface Figures {
  readonly score: number;
  readonly distance?: number | undefined;
}

export function figuresOf(labelled: LabelledScores): Figures {
  return { score: defectScore(labelled), distance: labelled.distance };
}

export type CertifyAnswer =
  | {
      readonly kind: 'compared';
      readonly figures: readonly Figures[];
      readonly flips: number;
      readonly runtime: string;
    }
  | { readonly kind: 'failed'; readonly message: string };

export interface CertifyRequest extends Omit<CertifyOrder, 'pictures'> {
  readonly files: readonly string[];
}

/** Pictures that the trained network judges at once. */
const CHUNK = 8;
/** Exported and trained network may differ by this much in a score (fp32, other summing order). */
const TOLERANCE = 1e-4;
/** A distance is a sum over many squares: it may differ by this share of the limit. */
const DISTANCE_TOLERANCE = 1e-3;

export interface Certified {
  readonly certification: Certification;
  /** What the exported graph says, in the pictures' order. */
  readonly figures: readonly Figures[];
}

/**
 * Compare the exported graph, loaded in a fresh process, with the network as it was trained.
 * @throws RefusedError CERTIFICATION_FAILED when a score differs by more than 1e-4, a distance by more than a thousandth
 *   of the limit, or a verdict flips
 */
export async function certify(network: LayersModel, request: CertifyRequest): Promise<Certified> {
  const { files, ...order } = request;
  const own: Figures[] = [];
  for (const some of chunksOf(files, CHUNK)) own.push(...(await figuresWithTfjs(network, some, request)));
  const pictures = files.map((file, i) => ({ score: Number.NaN, ...own[i], file }));
  const answer = await inFreshProcess({ ...order, pictures });
  if (answer.kind === 'failed')
    throw new RefusedError('CERTIFICATION_FAILED', `The exported model does not load: ${answer.message}`);
  const { figures, flips, runtime } = answer;
  const maxDifference = largest(figures.map(({ score }, i) => score - (own[i]?.score ?? Number.NaN)));
  const { guard } = request.readout;
  const apart = guard === null ? [] : figures.map(({ distance = Number.NaN }, i) => distance - (own[i]?.distance ?? 0));
  const most = DISTANCE_TOLERANCE * (guard?.limit ?? 0);
  if (!(maxDifference <= TOLERANCE) || flips > 0 || !(largest(apart) <= most)) {
    throw new RefusedError(
      'CERTIFICATION_FAILED',
      `The exported model disagrees with the trained one: largest difference of a score ${maxDifference}, expected at most ${TOLERANCE}; of a distance ${largest(apart)}, at most ${most}; ${flips} of ${files.length} verdicts flip. It does not enter the registry.`,
    );
  }
  return { figures, certification: { pictures: files.length, maxDifference, flips, runtime } };
}

/** Largest magnitude; what is no number stays. */
function largest(differences: readonly number[]): number {
  return differences.reduce((max, value) => (Math.abs(value) <= max ? max : Math.abs(value)), 0);
}

/** What the network as it was trained says of pictures. */
async function figuresWithTfjs(
  network: LayersModel,
  files: readonly string[],
  { readout, preprocess, maxPixels }: CertifyRequest,
): Promise<Figures[]> {
  const { normalise } = readout.graph;
  const run = async ({ data, count, height, width }: PictureBatch) => {
    const tensors = tidy(() => {
      const pixels = tensor4d(Float32Array.from(data), [count, height, width, 3]);
      // The exported graph does this by itself, the trained network does not.
      return [network.predict(div(sub(pixels, normalise.mean), normalise.std))].flat();
    });
    const outputs = tensors.map((tensor) => ({ data: tensor.dataSync<'float32'>(), dims: tensor.shape }));
    for (const tensor of tensors) tensor.dispose();
    return Object.fromEntries(outputsOf(readout).flatMap((name, i) => (outputs[i] ? [[name, outputs[i]]] : [])));
  };
  const pictures = files.map(async (file) => preparePicture(await readFile(file), { preprocess, maxPixels }));
  return (await scoreBatch({ run }, readout, await Promise.all(pictures))).map(figuresOf);
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
 * What a graph of another precision, loaded in a fresh process, says of the golden pictures.
 * @throws RefusedError CERTIFICATION_FAILED when it does not load there
 */
export async function scoreGolden(
  order: Omit<CertifyOrder, 'pictures'>,
  golden: { readonly files: readonly string[] },
  dir: string,
): Promise<readonly Figures[]> {
  const pictures = golden.files.map((file) => ({ file: join(dir, file), score: 0 }));
  const answer = await inFreshProcess({ ...order, pictures });
  if (answer.kind === 'compared') return answer.figures;
  throw new RefusedError('CERTIFICATION_FAILED', `Graph ${order.graphFile} does not load: ${answer.message}`);
}
