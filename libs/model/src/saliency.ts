import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  add,
  grad,
  type io,
  logSumExp,
  matMul,
  relu,
  slice,
  squeeze,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
  tensor,
  tensor2d,
  tidy,
} from '@tensorflow/tfjs-core';
import { type Artefact, TFJS_FILES } from './artefact.js';
import { OUTPUT_LAYER } from './head.js';
import { DISTANCE, memoryOf } from './one-class/network.js';
import { patchStrangeness } from './one-class/patch-memory.js';
import type { WeightMap } from './weights/weight-map.js';

/** What a network saw of one tile. */
export interface Seen {
  /** Last feature map, [height, width, channels]. */
  readonly featureMap: Float32Array;
  /** Its mean over height and width, [channels]; its maximum; or both, end to end. */
  readonly embedding: Float32Array;
  /** Of the feature map; default as many as the embedding has values. */
  readonly channels?: number;
}

/** Evidence for a defect by place, [height, width] row by row; none is below 0. */
export type FindEvidence = (seen: Seen) => Float32Array;

/**
 * How a model's evidence is found: of a classifier by {@link mapEvidence}, of a one-class model by how much each patch counts
 * in the score.
 * @returns null for a model without tfjs files
 */
export async function openEvidence(artefact: Pick<Artefact, 'dir' | 'card'>): Promise<FindEvidence | null> {
  const { labels, good, oneClass } = artefact.card;
  if (!Object.values(TFJS_FILES).every((file) => file in artefact.card.files)) return null;
  const weights = await readBehindMap(artefact);
  if (oneClass === null) return (seen) => mapEvidence(seen, weights, labels.indexOf(good));
  const memory = memoryOf(weights);
  return ({ featureMap }) => Float32Array.from(patchStrangeness(memory, featureMap));
}

/** Weights of what reads the feature map, out of a model's tfjs files. */
async function readBehindMap({ dir }: Pick<Artefact, 'dir'>): Promise<WeightMap> {
  const json = JSON.parse(await readFile(join(dir, TFJS_FILES.topology), 'utf8')) as io.ModelJSON;
  const bytes = new Uint8Array(await readFile(join(dir, TFJS_FILES.weights)));
  const weights = new Map<string, { shape: number[]; data: Float32Array }>();
  let from = 0;
  for (const { name, shape } of json.weightsManifest.flatMap((group) => group.weights)) {
    const length = shape.reduce((product, side) => product * side, 1);
    if (/^hidden/.test(name) || [OUTPUT_LAYER, DISTANCE].some((layer) => name.startsWith(`${layer}/`))) {
      weights.set(name, { shape: [...shape], data: new Float32Array(bytes.slice(from, from + 4 * length).buffer) });
    }
    from += 4 * length;
  }
  return weights;
}

/**
 * Where a tile looks defective: Grad-CAM (Selvaraju et al., ICCV 2017) on the last feature map for the log-odds of
 * "any defect" against good. Grad-CAM takes the mean of a channel's gradient over all places, which mean and maximum
 * alike hand on as it comes out of the head; so it is taken through the head alone. With a linear head on the mean this is CAM (Zhou et al., CVPR 2016). A tfjs backend must be chosen.
 * @param goodAt index of the good label
 * @returns evidence for a defect by place, [height, width] row by row; none is below 0
 */
export function mapEvidence({ featureMap, embedding, ...seen }: Seen, head: WeightMap, goodAt: number): Float32Array {
  const slope = tidy(() => {
    const gradient = grad((x: Tensor) => logOdds(x as Tensor2D, head, goodAt));
    return gradient(tensor2d(embedding, [1, embedding.length])).dataSync<'float32'>();
  });
  const channels = seen.channels ?? embedding.length;
  const weights = Array.from({ length: channels }, (_, c) => {
    return (slope[c] ?? 0) + (embedding.length > channels ? (slope[channels + c] ?? 0) : 0);
  });
  return Float32Array.from({ length: featureMap.length / channels }, (_, place) => {
    let evidence = 0;
    for (let c = 0; c < channels; c++) evidence += (weights[c] ?? 0) * (featureMap[place * channels + c] ?? 0);
    return Math.max(0, evidence);
  });
}

/** Sum over the batch of log(P(any defect) / P(good)). */
function logOdds(embedding: Tensor2D, head: WeightMap, goodAt: number): Tensor {
  let x: Tensor = embedding;
  const layer = (name: string): Tensor => {
    const [kernel, bias] = [head.get(`${name}/kernel`), head.get(`${name}/bias`)];
    if (kernel === undefined || bias === undefined) return x;
    return add(matMul(x, tensor(kernel.data, [...kernel.shape])), tensor(bias.data));
  };
  for (let i = 1; head.has(`hidden${i}/kernel`); i++) x = relu(layer(`hidden${i}`));
  const logits = layer(OUTPUT_LAYER);
  const labels = logits.shape[1] ?? 0;
  const good = squeeze(slice(logits, [0, goodAt], [-1, 1]), [1]);
  const others = Array.from({ length: labels }, (_, i) => i)
    .filter((i) => i !== goodAt)
    .map((i) => slice(logits, [0, i], [-1, 1]));
  const [first, ...rest] = others;
  if (first === undefined) return sum(good);
  const defects = rest.length === 0 ? squeeze(first, [1]) : logSumExp(first.concat(rest, 1), 1);
  return sum(sub(defects, good));
}
