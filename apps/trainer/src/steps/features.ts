import { DependencyError, InvariantError } from '#contracts';
import { freeBytes } from '#contracts/free-bytes';
import { layerAtCut } from '#model/backbones/backbone';
import type { Preprocess } from '#model/card';
import { groupOf, type Sample } from '#model/dataset/sample';
import { GUARD_POOL } from '#model/guard/layers';
import { guardedLayer, guardedLength } from '#model/guard/pooled-base';
import { EMBEDDING_LAYER, embeddingSize } from '#model/head';
import { type Cut, cutLength } from '#model/network';
import type { ModelSession } from '#model/runtime/session';
import type { StoredWeights } from '#model/weights/record';
import type { WeightMap } from '#model/weights/weight-map';
import { drawsAnything, PLAIN, type Variant, variantsOf } from '../augment/variants.js';
import { FeatureReader } from '../fit/feature-reader.js';
import { FeatureStore, type StoreLayout } from '../fit/feature-store.js';
import type { Plan } from '../plan/plan.js';
import type { TrainLog } from '../train-log.js';
import { openBase } from './base-session.js';
import type { Example } from './example.js';
import { keyOf, type Piece, passPictures } from './feature-pass.js';
import { FreshVariants } from './fresh-variants.js';

export interface FeaturesRequest {
  readonly known: StoredWeights;
  readonly weights: WeightMap;
  readonly preprocess: Preprocess;
  readonly cut: Cut;
  readonly plan: Pick<Plan, 'augment' | 'seed' | 'head'>;
  /** Passes over the training pictures, of both phases. */
  readonly epochs: number;
  readonly labels: readonly string[];
  readonly cacheDir: string;
  readonly maxPixels: number;
}

/** Features of the training and validation sides, in the samples' order. */
export interface Features {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  readonly layout: StoreLayout;
  /** Draw the variants of an epoch, counted over both phases from 1; null where all epochs see the same. */
  readonly draw: ((epoch: number) => Promise<void>) | null;
  /** What the guard measures of the training pictures as they are, one array per tile, in their order. */
  pooled(): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/**
 * Run every picture and variant through the frozen base once, in ONNX Runtime, and keep what comes out at the cut and
 * after pooling, and what a guard measures. What an earlier run left is used again. Validation pictures are taken plain. Where the plan draws
 * variants anew for every epoch, the cache holds the plain pictures alone.
 * @throws DependencyError DISK_FULL before anything is written when the features would not fit
 */
export async function computeFeatures(
  samples: { train: readonly Sample[]; validation: readonly Sample[] },
  request: FeaturesRequest,
  log: TrainLog,
): Promise<Features> {
  const { augment, seed } = request.plan;
  const isFresh = samples.train.length > 0 && augment.cache === 'off' && drawsAnything(augment);
  const variants = isFresh ? [PLAIN] : variantsOf(augment, { seed, epoch: null });
  const store = await openStore(request);
  const pieces: Piece[] = [
    ...samples.train.map((sample) => ({ sample, variants })),
    ...samples.validation.map((sample) => ({ sample, variants: [PLAIN] })),
  ];
  const missing = findMissing(pieces, { store, request });
  const views = missing.reduce((sum, piece) => sum + piece.variants.length, 0);
  if (views > 0) {
    log.step('features', await claimSpace(views, { store, request }));
    await fill(store, missing, { request, log });
  }
  const fromCache = pieces.length - missing.length;
  log.step('features', `${pieces.length} pictures at cut ${request.cut}, ${fromCache} from the cache`);
  const fresh = isFresh ? await startFresh(samples.train, { store, request, log }) : null;
  const behind = store.layout;
  const toExamples = (piece: Piece, picture: number): Example[] =>
    tilesOf(request).map((tile) => {
      const kept = piece.variants.map((variant) => recordOf(store, { ...piece, variant, tile }));
      const drawn = picture < samples.train.length ? (fresh?.recordsOf(picture, { tile, behind }) ?? []) : [];
      const label = request.labels.indexOf(piece.sample.label);
      const group = groupOf(piece.sample);
      return { records: [...kept, ...drawn], plain: kept[0] ?? Number.NaN, label, picture, group };
    });
  const examples = pieces.map(toExamples);
  return {
    train: examples.slice(0, samples.train.length).flat(),
    validation: examples.slice(samples.train.length).flat(),
    layout: fresh === null ? behind : fresh.behind(behind),
    draw: fresh === null ? null : (epoch) => fresh.draw(epoch, log),
    pooled: () => readPooled(behind, examples.slice(0, samples.train.length).flat()),
    close: async () => fresh?.close(),
  };
}

function openStore({ known, preprocess, cut, cacheDir, plan }: FeaturesRequest): Promise<FeatureStore> {
  const { backbone } = known;
  // Where only the head learns, the embedding is all there is to keep.
  const atCut = cut === 'embedding' ? 0 : cutLength(backbone, preprocess.resize, cut);
  const { pooling } = plan.head;
  const pooled = guardedLength(backbone, cut, preprocess.resize);
  const shape = { embedding: embeddingSize(pooling, backbone.featureSize), cut: atCut, pooled };
  // One file may have been imported for two variants: its hash alone does not say what ran.
  const { name, variant, normalise } = backbone;
  const network = { weights: known.sha256, name, variant, normalise, cut, preprocess, pooling };
  return FeatureStore.open(cacheDir, { shape, network });
}

/** In no particular hurry: once in a run. */
async function readPooled(layout: StoreLayout, examples: readonly Example[]): Promise<Float32Array[]> {
  const reader = new FeatureReader(layout, 'pooled');
  try {
    const { length } = reader;
    const values = await reader.read(examples.map(({ plain }) => plain));
    return examples.map((_, i) => values.subarray(i * length, (i + 1) * length));
  } finally {
    reader.close();
  }
}

function findMissing(
  pieces: readonly Piece[],
  { store, request }: { store: FeatureStore; request: FeaturesRequest },
): Piece[] {
  const tiles = tilesOf(request);
  return pieces.flatMap(({ sample, variants }) => {
    const isMissing = (variant: Variant) =>
      tiles.some((tile) => store.find(keyOf({ sample, variant, tile })) === undefined);
    const left = variants.filter(isMissing);
    return left.length > 0 ? [{ sample, variants: left }] : [];
  });
}

/** What the features will take, in words. */
async function claimSpace(
  views: number,
  { store, request }: { store: FeatureStore; request: FeaturesRequest },
): Promise<string> {
  const dir = request.cacheDir;
  const records = tilesOf(request).length * views;
  const needed = records * store.recordBytes;
  const free = await freeBytes(dir);
  const told = `features of ${records.toLocaleString('en')} views need ${mebibytes(needed)} MiB in ${dir}, ${mebibytes(free)} MiB are free`;
  if (needed <= free) return told;
  throw new DependencyError('DISK_FULL', `No room: ${told}. Free some space or choose a later cut.`);
}

function openCut({ cut, known, weights, preprocess, plan }: FeaturesRequest): Promise<ModelSession> {
  const cutTap = cut === 'embedding' ? [] : [{ name: 'cut', layer: layerAtCut(known.backbone, cut) }];
  const always = [EMBEDDING_LAYER, GUARD_POOL].map((layer) => ({ name: layer, layer }));
  const guarded = guardedLayer(known.backbone, cut);
  const taps = [...cutTap, ...always];
  return openBase({ known, weights, size: preprocess.resize, taps, pooling: plan.head.pooling, guarded });
}

async function fill(
  store: FeatureStore,
  missing: readonly Piece[],
  { request, log }: { request: FeaturesRequest; log: TrainLog },
): Promise<void> {
  const session = await openCut(request);
  try {
    await passPictures(missing, {
      ...request,
      session,
      shape: store.shape,
      augment: request.plan.augment,
      write: (records) => store.append(records),
      onProgress: (done) => log.progress({ step: 'features', done, total: missing.length }),
    });
  } finally {
    await session.close();
    await store.close();
  }
}

/** Draw the first epoch's variants and tell what the others will cost. */
async function startFresh(
  samples: readonly Sample[],
  { store, request, log }: { store: FeatureStore; request: FeaturesRequest; log: TrainLog },
): Promise<FreshVariants> {
  const { epochs } = request;
  const session = await openCut(request);
  const tiles = tilesOf(request).length;
  const fresh = await FreshVariants.start({
    ...request,
    session,
    shape: { ...store.shape, pooled: 0 },
    samples,
    tiles,
  });
  try {
    const room = await claimSpace(samples.length * fresh.perPicture, { store, request });
    log.step('variants', `drawn anew for every epoch; ${room}`);
    const startedMs = performance.now();
    await fresh.draw(1, log);
    const seconds = (performance.now() - startedMs) / 1000;
    const total = Math.ceil((seconds * (epochs - 1)) / 60);
    log.step(
      'variants',
      `${seconds.toFixed(0)} s to draw them once: about ${total} min more for ${epochs - 1} further epochs; augment.cache: on draws them once and for all`,
    );
    return fresh;
  } catch (error) {
    await fresh.close();
    throw error;
  }
}

function recordOf(store: FeatureStore, view: { sample: Sample; variant: Variant; tile: number }): number {
  const record = store.find(keyOf(view));
  if (record === undefined) throw new InvariantError(`Features of ${view.sample.path} were not computed.`);
  return record;
}

function tilesOf({ preprocess: { tiles } }: FeaturesRequest): number[] {
  return Array.from({ length: tiles.columns * tiles.rows }, (_, tile) => tile);
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
