import type { Place, Reason, Region } from '#contracts';
import type { ModelCard } from '#model/card';

/**
 * Descriptor of the pipe beside the messages: encoded pictures go through it as they are, one after the other. Inside
 * messages each would be copied several times. Tensors never leave the worker.
 */
export const PICTURE_PIPE = 4;

/** Parent to worker. */
export type ToWorker = OpenOrder | ScoreOrder;

export interface ScoreOrder {
  readonly type: 'score';
  readonly id: number;
  /** Of each picture its length in the pipe, bytes, and the region as `EncodedPicture` has it. */
  readonly pictures: readonly { readonly byteLength: number; readonly roi: Region | null }[];
}

export interface OpenOrder {
  readonly type: 'open';
  readonly modelDir: string;
  /** Hash of the promoted card; null = whatever lies there. */
  readonly cardSha256: string | null;
  readonly maxPixels: number;
  readonly batch: number;
  readonly place: Place;
  /** Which GPU, counted from 0. */
  readonly device: number;
  readonly engineDir: string | null;
}

export interface EncodedPicture {
  readonly bytes: Uint8Array;
  /** Region of the recipe and camera; null = the card's. */
  readonly roi: Region | null;
}

/** Worker to parent. */
export type FromWorker =
  | { readonly type: 'ready'; readonly card: ModelCard; readonly cardSha256: string; readonly place: Place }
  | { readonly type: 'refused'; readonly code: string; readonly message: string }
  | { readonly type: 'scored'; readonly id: number; readonly results: readonly PictureResult[] };

/** What came of one picture. */
export type PictureResult = ScoredPicture | RefusedPicture;

export interface ScoredPicture {
  readonly ok: true;
  /** P(label) of the worst tile. */
  readonly scores: Readonly<Record<string, number>>;
  /** CRC-32 of the pixels that the network read: equal pixels have the same, of four billion pairs of others one. */
  readonly pixels: number;
  /** How unlike training it is; absent where the model has no guard. */
  readonly distance?: number | undefined;
  readonly decodeMs: number;
  readonly inferMs: number;
}

export interface RefusedPicture {
  readonly ok: false;
  readonly reason: Extract<
    Reason,
    'FRAME_DECODE' | 'FRAME_TOO_LARGE' | 'IMAGE_SIZE' | 'IMAGE_BLUR' | 'IMAGE_EXPOSURE' | 'INTERNAL'
  >;
  readonly message: string;
  /** As of a scored one; null where there were no pixels. */
  readonly pixels: number | null;
  readonly decodeMs: number;
}
