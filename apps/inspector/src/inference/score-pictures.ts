import { InputError, messageOf } from '#contracts';
import type { ModelCard } from '#model/card';
import { defectScore } from '#model/decide';
import type { OnnxSession } from '#model/onnx/session';
import { type Prepared, preparePicture } from '#model/preprocess/preprocess';
import type { EncodedPicture, PictureResult, RefusedPicture } from './protocol.js';

export interface OpenModel {
  readonly card: ModelCard;
  readonly session: OnnxSession;
  readonly maxPixels: number;
}

type PreparedPicture = { readonly ok: true; readonly prepared: Prepared; readonly decodeMs: number } | RefusedPicture;

/** Decode and prepare each picture, run all that are good in one batch; a frame's scores are those of its worst tile. */
export async function scorePictures(model: OpenModel, pictures: readonly EncodedPicture[]): Promise<PictureResult[]> {
  const prepared = await Promise.all(pictures.map((picture) => preparePictureFor(model, picture)));
  const good = prepared.flatMap((each) => (each.ok ? [each.prepared] : []));
  const startedAt = performance.now();
  const scores = good.length === 0 ? [] : await runBatch(model, good);
  const inferMs = good.length === 0 ? 0 : (performance.now() - startedAt) / good.length;
  let next = 0;
  return prepared.map((each) => {
    if (!each.ok) return each;
    const own = scores[next] ?? [];
    next += 1;
    return { ok: true, scores: own, decodeMs: each.decodeMs, inferMs };
  });
}

async function preparePictureFor(model: OpenModel, { bytes, roi }: EncodedPicture): Promise<PreparedPicture> {
  const startedAt = performance.now();
  const { preprocess } = model.card;
  try {
    const prepared = await preparePicture(bytes, { preprocess, roi, maxPixels: model.maxPixels });
    return { ok: true, prepared, decodeMs: performance.now() - startedAt };
  } catch (error) {
    const decodeMs = performance.now() - startedAt;
    return { ok: false, reason: reasonOf(error), message: messageOf(error), decodeMs };
  }
}

function reasonOf(error: unknown): RefusedPicture['reason'] {
  if (!(error instanceof InputError)) return 'INTERNAL';
  const { code } = error;
  return code === 'FRAME_DECODE' || code === 'FRAME_TOO_LARGE' || code === 'IMAGE_SIZE' ? code : 'INTERNAL';
}

async function runBatch({ card, session }: OpenModel, pictures: readonly Prepared[]): Promise<number[][]> {
  const { width, height } = card.preprocess.resize;
  const data = stack(pictures);
  const count = pictures.reduce((sum, { tiles }) => sum + tiles, 0);
  const output = card.graph.outputs.probabilities;
  const { [output]: tensor } = await session.run({ data, count, height, width });
  const rows = tensor === undefined ? [] : toRows(tensor.data, card.labels.length);
  let first = 0;
  return pictures.map(({ tiles }) => {
    const own = rows.slice(first, first + tiles);
    first += tiles;
    return worstOf(own, card);
  });
}

function stack(pictures: readonly Prepared[]): Uint8Array {
  const [only] = pictures;
  if (only !== undefined && pictures.length === 1) return only.data;
  return Buffer.concat(pictures.map(({ data }) => data));
}

function toRows(data: Float32Array, length: number): number[][] {
  return Array.from({ length: data.length / length }, (_, i) => [...data.subarray(i * length, (i + 1) * length)]);
}

function worstOf(tiles: readonly number[][], { labels, good }: ModelCard): number[] {
  const scoreOf = (row: readonly number[]): number => {
    const score = defectScore({ scores: nameScores(labels, row), good });
    // A score that is no number is the worst there is.
    return Number.isNaN(score) ? Number.POSITIVE_INFINITY : score;
  };
  return tiles.reduce((worst, row) => (scoreOf(row) > scoreOf(worst) ? row : worst), tiles[0] ?? []);
}

/** Scores by label. */
export function nameScores(labels: readonly string[], row: readonly number[]): Record<string, number> {
  return Object.fromEntries(labels.map((label, i) => [label, row[i] ?? Number.NaN]));
}
