import { crc32 } from 'node:zlib';
import { InputError, messageOf } from '#contracts';
import type { ModelCard } from '#model/card';
import { refuseImage } from '#model/image-gate';
import { measureImage } from '#model/preprocess/image-facts';
import { type Prepared, preparePicture } from '#model/preprocess/preprocess';
import { scoreBatch } from '#model/runtime/score-batch';
import type { ModelSession } from '#model/runtime/session';
import type { EncodedPicture, PictureResult, RefusedPicture } from './protocol.js';

export interface OpenModel {
  readonly card: ModelCard;
  readonly session: ModelSession;
  readonly maxPixels: number;
}

type Preparation =
  | { readonly ok: true; readonly prepared: Prepared; readonly pixels: number; readonly decodeMs: number }
  | RefusedPicture;

/**
 * Decode and prepare each picture, look whether it may be judged, run all that may in one batch; what is wrong with one
 * harms no other.
 */
export async function scorePictures(model: OpenModel, pictures: readonly EncodedPicture[]): Promise<PictureResult[]> {
  const { session, card } = model;
  const preparations = await Promise.all(pictures.map((picture) => prepare(model, picture)));
  const good = preparations.flatMap((each) => (each.ok ? [each.prepared] : []));
  const startedAt = performance.now();
  const scores = await scoreBatch(session, card, good);
  const inferMs = good.length === 0 ? 0 : (performance.now() - startedAt) / good.length;
  const next = scores.values();
  return preparations.map((each): PictureResult => {
    if (!each.ok) return each;
    const { pixels, decodeMs } = each;
    const { scores = {}, distance } = next.next().value ?? {};
    return { ok: true, scores, distance, pixels, decodeMs, inferMs };
  });
}

async function prepare({ card, maxPixels }: OpenModel, { bytes, roi }: EncodedPicture): Promise<Preparation> {
  const startedAt = performance.now();
  try {
    const prepared = await preparePicture(bytes, { preprocess: card.preprocess, roi, maxPixels });
    const pixels = crc32(prepared.data);
    const refusal = card.imageGate === null ? null : refuseImage(measureImage(prepared), card.imageGate);
    const decodeMs = performance.now() - startedAt;
    return refusal === null ? { ok: true, prepared, pixels, decodeMs } : { ok: false, ...refusal, pixels, decodeMs };
  } catch (error) {
    const decodeMs = performance.now() - startedAt;
    return { ok: false, reason: reasonOf(error), message: messageOf(error), pixels: null, decodeMs };
  }
}

function reasonOf(error: unknown): RefusedPicture['reason'] {
  if (!(error instanceof InputError)) return 'INTERNAL';
  const { code } = error;
  return code === 'FRAME_DECODE' || code === 'FRAME_TOO_LARGE' || code === 'IMAGE_SIZE' ? code : 'INTERNAL';
}
