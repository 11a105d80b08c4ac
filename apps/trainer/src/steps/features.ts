import { readFile, statfs } from 'node:fs/promises';
import { DependencyError, InvariantError } from '#contracts';
import { layerAtCut } from '#model/backbones/backbone';
import type { Preprocess } from '#model/card';
import type { Sample } from '#model/dataset/sample';
import { EMBEDDING_LAYER } from '#model/head';
import { type Cut, cutLength } from '#model/network';
import { preparePicture } from '#model/preprocess/preprocess';
import type { ModelSession } from '#model/runtime/session';
import type { StoredWeights } from '#model/weights/record';
import type { WeightMap } from '#model/weights/weight-map';
import { FeatureStore, type RecordKey } from '../fit/feature-store.js';
import type { TrainLog } from '../train-log.js';
import { openBase } from './base-session.js';
import type { Example } from './fit.js';
import { type Variant, viewOf } from './variants.js';

export interface FeaturesRequest {
  readonly known: StoredWeights;
  readonly weights: WeightMap;
  readonly preprocess: Preprocess;
  readonly cut: Cut;
  readonly variants: readonly Variant[];
  readonly labels: readonly string[];
  readonly cacheDir: string;
  readonly maxPixels: number;
}

/** Cached features of one side of the split, in the samples' order. */
export interface Features {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  readonly store: FeatureStore;
}

interface Piece {
  readonly sample: Sample;
  readonly variants: readonly Variant[];
}

/** Pictures that go through the base at once: enough to keep the cores busy, little enough for any memory. */
const CHUNK = 16;

/**
 * Run every picture and variant through the frozen base once, in ONNX Runtime, and keep what comes out at the cut and
 * after pooling. What an earlier run left is used again. Validation pictures are taken plain.
 * @throws DependencyError DISK_FULL before anything is written when the features would not fit
 */
export async function computeFeatures(
  samples: { train: readonly Sample[]; validation: readonly Sample[] },
  request: FeaturesRequest,
  log: TrainLog,
): Promise<Features> {
  const store = await openStore(request);
  const pieces: Piece[] = [
    ...samples.train.map((sample) => ({ sample, variants: request.variants })),
    ...samples.validation.map((sample) => ({ sample, variants: ['plain'] as const })),
  ];
  const missing = findMissing(pieces, { store, request });
  if (missing.length > 0) {
    log.step('features', await claimSpace(missing, { store, request }));
    await compute(missing, { store, request, log }).finally(() => store.close());
  }
  log.step(
    'features',
    `${pieces.length} pictures at cut ${request.cut}, ${pieces.length - missing.length} from the cache`,
  );
  const toExamples = (piece: Piece, picture: number): Example[] =>
    tilesOf(request).map((tile) => {
      const records = piece.variants.map((variant) => recordOf(store, { ...piece, variant, tile }));
      return { records, plain: records[0] ?? Number.NaN, label: request.labels.indexOf(piece.sample.label), picture };
    });
  return {
    train: pieces.slice(0, samples.train.length).flatMap(toExamples),
    validation: pieces.slice(samples.train.length).flatMap(toExamples),
    store,
  };
}

function openStore({ known, preprocess, cut, cacheDir }: FeaturesRequest): Promise<FeatureStore> {
  const { backbone } = known;
  // Where only the head learns, the embedding is all there is to keep.
  const atCut = cut === 'embedding' ? 0 : cutLength(backbone, preprocess.resize, cut);
  const shape = { embedding: backbone.featureSize, cut: atCut };
  // One file may have been imported for two variants: its hash alone does not say what ran.
  const { name, variant, normalise } = backbone;
  const network = { weights: known.sha256, name, variant, normalise, cut, preprocess };
  return FeatureStore.open(cacheDir, { shape, network });
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
  missing: readonly Piece[],
  { store, request }: { store: FeatureStore; request: FeaturesRequest },
): Promise<string> {
  const dir = request.cacheDir;
  const records = tilesOf(request).length * missing.reduce((sum, { variants }) => sum + variants.length, 0);
  const needed = records * store.recordBytes;
  const { bavail, bsize } = await statfs(dir);
  const told = `features of ${records} views need ${mebibytes(needed)} MiB in ${dir}, ${mebibytes(bavail * bsize)} MiB are free`;
  if (needed <= bavail * bsize) return told;
  throw new DependencyError('DISK_FULL', `No room: ${told}. Free some space or choose a later cut.`);
}

async function compute(
  missing: readonly Piece[],
  { store, request, log }: { store: FeatureStore; request: FeaturesRequest; log: TrainLog },
): Promise<void> {
  const { cut, known } = request;
  const cutTap = cut === 'embedding' ? [] : [{ name: 'cut', layer: layerAtCut(known.backbone, cut) }];
  const taps = [...cutTap, { name: EMBEDDING_LAYER, layer: EMBEDDING_LAYER }];
  const session = await openBase({ ...request, size: request.preprocess.resize, taps });
  const prepare = (from: number) => prepareAll(missing.slice(from, from + CHUNK), request);
  const run = (views: readonly View[]) => runChunk(views, { session, store, size: request.preprocess.resize });
  try {
    let views = await prepare(0);
    for (let from = 0; from < missing.length; from += CHUNK) {
      // Decoding of the next chunk starts first and goes on in sharp's threads while this one is in the network.
      [views] = await Promise.all([prepare(from + CHUNK), run(views)]);
      log.progress({ step: 'features', done: Math.min(from + CHUNK, missing.length), total: missing.length });
    }
  } finally {
    await session.close();
  }
}

/** One tile of a picture, seen one way. */
interface View {
  readonly sample: Sample;
  readonly variant: Variant;
  readonly tile: number;
  readonly data: Uint8Array;
}

async function prepareAll(chunk: readonly Piece[], { preprocess, maxPixels }: FeaturesRequest): Promise<View[]> {
  const prepared = await Promise.all(
    chunk.map(async ({ sample, variants }) => {
      const picture = await preparePicture(await readFile(sample.file), { preprocess, maxPixels });
      const length = picture.data.length / picture.tiles;
      return variants.flatMap((variant) =>
        Array.from({ length: picture.tiles }, (_, tile): View => {
          const data = picture.data.subarray(tile * length, (tile + 1) * length);
          return { sample, variant, tile, data: viewOf({ ...picture, data }, variant) };
        }),
      );
    }),
  );
  return prepared.flat();
}

async function runChunk(
  views: readonly View[],
  { session, store, size }: { session: ModelSession; store: FeatureStore; size: { width: number; height: number } },
): Promise<void> {
  const length = size.width * size.height * 3;
  const data = new Uint8Array(views.length * length);
  for (const [i, view] of views.entries()) data.set(view.data, i * length);
  const { cut, embedding } = await session.run({ data, count: views.length, height: size.height, width: size.width });
  if (embedding === undefined) throw new InvariantError('The base gives no embedding.');
  await store.append(
    views.map((view, i) => ({
      ...keyOf(view),
      embedding: embedding.data.subarray(i * store.shape.embedding, (i + 1) * store.shape.embedding),
      cut: cut?.data.subarray(i * store.shape.cut, (i + 1) * store.shape.cut) ?? new Float32Array(),
    })),
  );
}

function keyOf({ sample, variant, tile }: Omit<View, 'data'>): RecordKey {
  if (sample.sha256 === undefined) throw new InvariantError(`Picture ${sample.path} was not hashed.`);
  return { pictureSha256: sample.sha256, view: `${variant}-${tile}` };
}

function recordOf(store: FeatureStore, view: Omit<View, 'data'>): number {
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
