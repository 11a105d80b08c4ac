import { createRequire } from 'node:module';
import { join } from 'node:path';
import { version_core } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import type { Evaluation } from '#contracts';
import { CARD_FILE, hashFile, TFJS_FILES } from '#model/artefact';
import type { Backbone } from '#model/backbones/backbone';
import type { ChosenBackend } from '#model/backend/choose';
import {
  type Calibration,
  type Guard,
  type ImageGate,
  ModelCard,
  type OneClass,
  type OperatingPoint,
  type OperatingReason,
  type Precision,
  type PrecisionEntry,
  type Preprocess,
} from '#model/card';
import { GOOD } from '#model/dataset/sample';
import { summariseScores } from '#model/drift';
import { runtimeVersion } from '#model/runtime/onnx-session';
import type { StoredWeights } from '#model/weights/record';
import { hashWeights, type WeightMap } from '#model/weights/weight-map';
import type { Plan } from '../plan/plan.js';
import { writeWhole } from '../write-whole.js';
import type { Figures } from './certify.js';
import type { PreparedDataset } from './dataset.js';
import { graphOf } from './export.js';
import type { Golden } from './golden.js';
import type { Scored } from './score.js';
import { SNAPSHOT_FILE } from './snapshot.js';

export interface CardRequest {
  readonly plan: Plan;
  readonly data: PreparedDataset;
  readonly known: StoredWeights;
  readonly backend: ChosenBackend;
  readonly workers: number;
  readonly weights: WeightMap;
  readonly operatingPoint: OperatingPoint;
  readonly imageGate: ImageGate;
  readonly guard: Guard | null;
  readonly validation: readonly Scored[];
  readonly operatingReason: OperatingReason | null;
  /** Default the data set's. */
  readonly labels?: readonly string[];
  /** Default that of the whole network. */
  readonly graph?: ModelCard['graph'];
  readonly oneClass?: OneClass;
  readonly calibration: Calibration | null;
  readonly metrics: { readonly validation: Evaluation | null; readonly test: Evaluation | null };
  readonly golden: Golden;
  /** The graphs that were made, fp32 first, and what the golden pictures score with each. */
  readonly precisions: readonly PrecisionEntry[];
  readonly goldenFigures: readonly { readonly precision: Precision; readonly figures: readonly Figures[] }[];
}

/** What a plan says of pictures, as the card keeps it. Sides it leaves open are those the network was trained at. */
export function preprocessOf({ frame, roi, tiles, resize }: Plan, { inputSize }: Backbone): Preprocess {
  const { width, height, ...how } = resize;
  return { frame, roi, tiles, resize: { width: width ?? inputSize, height: height ?? inputSize, ...how } };
}

/** Certified scores of one golden picture per precision, and its distances where there is a guard. */
function goldenOf(i: number, { goldenFigures, guard }: CardRequest): Omit<ModelCard['golden'][number], 'file'> {
  const per = (pick: (figures: Figures) => number | undefined) => ({
    fp32: Number.NaN,
    ...Object.fromEntries(goldenFigures.map(({ precision, figures }) => [precision, pick(figures[i] ?? NOTHING)])),
  });
  return {
    scores: per(({ score }) => score),
    ...(guard === null ? {} : { distances: per(({ distance }) => distance) }),
  };
}

const NOTHING: Figures = { score: Number.NaN };

/** Write `card.json`, last of all: a directory without it is no model. */
export async function writeCard(dir: string, request: CardRequest): Promise<ModelCard> {
  const { plan, data, known, backend, weights, golden } = request;
  const createdTs = new Date().toISOString();
  const weightsSha256 = hashWeights(weights);
  const files: Record<string, string> = {};
  const graphs = request.precisions.flatMap(({ file }) => file ?? []);
  for (const file of [SNAPSHOT_FILE, ...graphs, ...Object.values(TFJS_FILES), ...golden.files])
    files[file] = await hashFile(join(dir, file));
  const card = ModelCard.parse({
    schema: 'lineside.card/2',
    id: `${known.backbone.name}-${createdTs.replace(/\D/g, '').slice(0, 14)}-${weightsSha256.slice(0, 8)}`,
    createdTs,
    labels: [...(request.labels ?? data.dataset.labels)],
    good: GOOD,
    preprocess: preprocessOf(plan, known.backbone),
    operatingPoint: request.operatingPoint,
    imageGate: request.imageGate,
    guard: request.guard,
    goodScores: summariseScores(request.validation.flatMap(({ isDefect, score }) => (isDefect ? [] : [score]))),
    operatingReason: request.operatingReason,
    calibration: request.calibration,
    graph: request.graph ?? graphOf(known.backbone),
    precisions: [...request.precisions],
    golden: golden.files.map((file, i) => ({ file, ...goldenOf(i, request) })),
    oneClass: request.oneClass ?? null,
    metrics: request.metrics,
    data: { fingerprint: data.fingerprint, pictures: data.pictures, ...(data.leaks > 0 && { leaks: data.leaks }) },
    plan: { ...plan },
    seed: plan.seed,
    backend: { name: backend.name, threads: request.workers, reproducible: backend.reproducible },
    base: {
      backbone: known.backbone.name,
      variant: known.backbone.variant,
      weights: known.id,
      sha256: known.sha256,
      licence: known.licence,
      origin: known.origin,
    },
    weightsSha256,
    versions: versions(),
    files,
  } satisfies ModelCard);
  await writeWhole(join(dir, CARD_FILE), `${JSON.stringify(card, null, 2)}\n`);
  return card;
}

function versions(): Record<string, string> {
  const own = createRequire(import.meta.url)('../../../../../package.json') as { version: string };
  return {
    lineside: own.version,
    node: process.versions.node,
    tfjs: version_core,
    'onnxruntime-node': runtimeVersion,
    sharp: sharp.versions.sharp,
  };
}
