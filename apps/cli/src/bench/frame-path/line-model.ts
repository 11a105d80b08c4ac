import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Precision } from '#contracts';
import { CARD_FILE, hashFile, TFJS_FILES } from '#model/artefact';
import type { Backbone } from '#model/backbones/backbone';
import { ModelCard, PRECISIONS, type PrecisionEntry } from '#model/card';
import { defectScore, type LabelledScores } from '#model/decide';
import { learnImageGate } from '#model/image-gate';
import { measureImage } from '#model/preprocess/image-facts';
import { type Prepared, preparePicture } from '#model/preprocess/preprocess';
import { OnnxSession } from '#model/runtime/onnx-session';
import { outputsOf, scoreBatch } from '#model/runtime/score-batch';
import { GRAPH_FILES } from '../../../../trainer/src/steps/export.js';
import { type BenchModel, makeModel } from '../make-model.js';

const GOLDEN = 'golden/good.jpg';
const MAX_PIXELS = 50_000_000;

export interface LineModelOrder {
  readonly dir: string;
  readonly id: string;
  readonly precisions: readonly Precision[];
  /** Encoded pictures the model calls good: it learns its limits from them. */
  readonly frames: readonly Uint8Array[];
  /** Side of the network's input; default the backbone's own. */
  readonly side?: number;
}

/**
 * Write a whole artefact that a line takes: network by formula, guard and image gate on, golden picture, every frame of
 * `frames` a PASS. It learned nothing else: speed does not depend on it.
 */
export async function makeLineModel(
  backbone: Backbone,
  order: LineModelOrder,
): Promise<{ dir: string; card: ModelCard; graphFiles: BenchModel['graphFiles'] }> {
  const { dir, precisions, frames } = order;
  const made = await makeModel(backbone, { ...order, isGuarded: true });
  const [golden] = frames;
  if (golden === undefined) throw new RangeError('expected at least one frame');
  await mkdir(join(dir, 'golden'), { recursive: true });
  await writeFile(join(dir, GOLDEN), golden);
  const resize = { width: made.side, height: made.side, policy: 'squash', kernel: 'linear' } as const;
  const preprocess = { frame: null, roi: null, tiles: { columns: 1, rows: 1 }, resize };
  const prepared = await Promise.all(
    frames.map((bytes) => preparePicture(bytes, { preprocess, maxPixels: MAX_PIXELS })),
  );
  const scores = new Map(
    await Promise.all(
      precisions.map(async (precision) => [precision, await scoreAll(made, precision, prepared)] as const),
    ),
  );
  const card = ModelCard.parse({
    ...(await describe(backbone, made, { id: order.id, scores })),
    preprocess,
    imageGate: learnImageGate(prepared.map(measureImage)),
  });
  await writeFile(join(dir, CARD_FILE), JSON.stringify(card, null, 2));
  return { dir, card, graphFiles: made.graphFiles };
}

/** The same model under another name, as a newly trained one would be. */
export async function renameModel(
  { dir: from, card }: { dir: string; card: ModelCard },
  { dir, id }: { dir: string; id: string },
): Promise<void> {
  for (const file of Object.keys(card.files)) {
    await mkdir(join(dir, file, '..'), { recursive: true });
    await copyFile(join(from, file), join(dir, file));
  }
  await writeFile(join(dir, CARD_FILE), JSON.stringify({ ...card, id }, null, 2));
}

async function scoreAll(
  made: BenchModel,
  precision: Precision,
  prepared: readonly Prepared[],
): Promise<LabelledScores[]> {
  const session = await OnnxSession.open(made.graphFiles[precision] ?? '', { outputs: outputsOf(made.card) });
  try {
    return await scoreBatch(session, made.card, prepared);
  } finally {
    await session.close();
  }
}

async function describe(
  backbone: Backbone,
  { dir, card }: BenchModel,
  { id, scores }: { id: string; scores: ReadonlyMap<Precision, readonly LabelledScores[]> },
): Promise<Record<string, unknown>> {
  const all = [...scores.values()].flat();
  const worst = Math.max(...all.map((labelled) => defectScore(labelled)));
  const threshold = (1 + worst) / 2;
  const precisions = PRECISIONS.filter((precision) => scores.has(precision));
  const ofGolden = (read: (labelled: LabelledScores) => number) =>
    Object.fromEntries([...scores].map(([precision, [first]]) => [precision, first === undefined ? 0 : read(first)]));
  const files = [...precisions.map((precision) => GRAPH_FILES[precision]), ...Object.values(TFJS_FILES), GOLDEN];
  const hashes = await Promise.all(files.map(async (file) => [file, await hashFile(join(dir, file))] as const));
  const none = '0'.repeat(64);
  return {
    schema: 'lineside.card/2',
    id,
    createdTs: new Date().toISOString(),
    labels: card.labels,
    good: card.good,
    operatingPoint: { threshold, greyZone: [threshold, threshold] },
    guard: card.guard === null ? null : { ...card.guard, limit: Math.max(1, 2 * Math.max(...all.map(distanceOf))) },
    graph: { ...card.graph, normalise: backbone.normalise },
    precisions: precisions.map(accepted),
    golden: [{ file: GOLDEN, scores: ofGolden(defectScore), distances: ofGolden(distanceOf) }],
    metrics: { validation: null, test: null },
    data: { fingerprint: none, pictures: {} },
    plan: {},
    seed: 0,
    backend: { name: 'none', threads: 1, reproducible: 'bit' },
    base: { ...aboutWeights(backbone), sha256: none },
    weightsSha256: none,
    versions: {},
    files: Object.fromEntries(hashes),
  };
}

function aboutWeights({ name, variant }: Backbone): Record<string, string> {
  return { backbone: name, variant, weights: 'by formula', licence: 'none', origin: 'lineside bench frame-path' };
}

function accepted(precision: Precision): PrecisionEntry {
  const certification = { pictures: 1, maxDifference: 0, flips: 0, runtime: 'onnxruntime' };
  const about = { accepted: true, file: GRAPH_FILES[precision], reason: null } as const;
  return { precision, ...about, missed: 0, overkill: 0, msPerPicture: 1, certification };
}

function distanceOf({ distance = 0 }: LabelledScores): number {
  return distance;
}
