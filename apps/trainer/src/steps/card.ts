import { createRequire } from 'node:module';
import { join } from 'node:path';
import { version_core } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { CARD_FILE, hashFile, TFJS_FILES } from '#model/artefact';
import type { ChosenBackend } from '#model/backend/choose';
import { type Doubt, ModelCard, type OneClass, type Precision, type PrecisionEntry } from '#model/card';
import { summariseScores } from '#model/drift';
import { runtimeVersion } from '#model/runtime/onnx-session';
import type { StoredWeights } from '#model/weights/record';
import { hashWeights, type WeightMap } from '#model/weights/weight-map';
import type { Scored } from '../judge/score.js';
import type { Plan } from '../plan/plan.js';
import { writeWhole } from '../write-whole.js';
import type { Figures } from './certify.js';
import type { PreparedDataset } from './dataset.js';
import type { Golden } from './golden.js';

/** Of a card, what training says of a model before it is judged. */
export type TrainedFacts = Readonly<
  Pick<ModelCard, 'labels' | 'good' | 'graph' | 'preprocess' | 'imageGate' | 'guard' | 'calibration'> &
    Origin & { derivedFrom?: string }
>;

/** Of a card, what was found on validation and test. */
export type JudgedFacts = Readonly<
  Pick<ModelCard, 'operatingPoint' | 'operatingReason' | 'metrics'> & { oneClass?: OneClass }
>;

export interface CardRequest {
  /** Of the run, what the artefact holds besides. */
  readonly files: readonly string[];
  readonly plan: Plan;
  readonly data: PreparedDataset;
  readonly trained: TrainedFacts;
  readonly judged: JudgedFacts;
  readonly validation: readonly Scored[];
  readonly golden: Golden;
  readonly doubts: readonly Doubt[];
  /** The graphs that were made, fp32 first, and what the golden pictures score with each. */
  readonly precisions: readonly PrecisionEntry[];
  readonly goldenFigures: readonly { readonly precision: Precision; readonly figures: readonly Figures[] }[];
}

type Origin = Pick<ModelCard, 'base' | 'backend' | 'weightsSha256'>;

/** Where a model's weights come from, as the card keeps it. */
export function originOf({
  known,
  backend: { name, reproducible },
  workers,
  weights,
}: {
  readonly known: StoredWeights;
  readonly backend: ChosenBackend;
  readonly workers: number;
  readonly weights: WeightMap;
}): Origin {
  const { id, sha256, licence, origin } = known;
  const { name: backbone, variant } = known.backbone;
  return {
    base: { backbone, variant, weights: id, sha256, licence, origin },
    backend: { name, threads: workers, reproducible },
    weightsSha256: hashWeights(weights),
  };
}

/** Certified scores of one golden picture per precision, and its distances where there is a guard. */
function goldenOf(
  i: number,
  { goldenFigures, trained: { guard } }: CardRequest,
): Omit<ModelCard['golden'][number], 'file'> {
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
  const { plan, data, trained, judged, golden } = request;
  const createdTs = new Date().toISOString();
  const files: Record<string, string> = {};
  const graphs = request.precisions.flatMap(({ file }) => file ?? []);
  for (const file of [...request.files, ...graphs, ...Object.values(TFJS_FILES), ...golden.files])
    files[file] = await hashFile(join(dir, file));
  const { base, weightsSha256 } = trained;
  const card = ModelCard.parse({
    oneClass: null,
    derivedFrom: null,
    ...trained,
    ...judged,
    schema: 'lineside.card/2',
    id: `${base.backbone}-${createdTs.replace(/\D/g, '').slice(0, 14)}-${weightsSha256.slice(0, 8)}`,
    createdTs,
    doubts: [...request.doubts],
    goodScores: summariseScores(request.validation.flatMap(({ isDefect, score }) => (isDefect ? [] : [score]))),
    precisions: [...request.precisions],
    golden: golden.files.map((file, i) => ({ file, ...goldenOf(i, request) })),
    data: { fingerprint: data.fingerprint, pictures: data.pictures, ...(data.leaks > 0 && { leaks: data.leaks }) },
    plan: { ...plan },
    seed: plan.seed,
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
