import type { ClockSync, Frame, Override, OverrideWords, Verdict } from '#contracts';

/** What is known of a frame when it is accepted: everything a verdict needs if nobody gets to look at the picture. */
export interface Arrival extends Omit<Frame, 'bytes' | 'receivedAt'> {
  readonly deadlineMs: number;
  readonly validUntil: string;
  readonly clockSync: ClockSync;
  /** Sequence numbers skipped just before this frame, first and last; null when none. */
  readonly missing: readonly [number, number] | null;
}

/** What is known of a part when its first view is accepted. */
export interface PartArrival {
  /** Names this inspection of the part. */
  readonly inspection: string;
  readonly partId: string;
  readonly lot: string | null;
  readonly firstTs: string;
  readonly validUntil: string;
  readonly deadlineMs: number;
}

/** A part that has its verdict. */
export interface ClosedPart {
  readonly partId: string;
  readonly validUntil: string;
  /** Those that came. */
  readonly views: readonly string[];
}

/** A part without a verdict. */
export interface OpenPart {
  readonly arrival: PartArrival;
  /** As heard, on those of its frames that have their verdict, in the order in which they came. */
  readonly frames: readonly Verdict[];
}

/** Which age of pictures is meant: those of rejects have one of their own. */
export type PictureKind = 'pass' | 'reject';

/** A frame whose picture was kept. */
export interface KeptPicture {
  readonly row: number;
  /** Content hash. */
  readonly picture: string;
  readonly keptAs: PictureKind;
  readonly lot: string | null;
  readonly decidedTs: string;
}

/** Something a person did or a lasting change, kept for good. */
export interface LedgerEvent {
  readonly event: string;
  readonly by: string | null;
  readonly camera: string | null;
  readonly ts: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * new: durable, the caller may acknowledge. duplicate: this frame was accepted before; `verdict` is its first verdict,
 * null while it is still open. conflict: another frame already carries this frameId, or this number of this boot.
 */
export type Acceptance =
  | { readonly kind: 'new' }
  | { readonly kind: 'duplicate'; readonly frameId: string; readonly verdict: Verdict | null }
  | { readonly kind: 'conflict'; readonly frameId: string };

/** What goes to the historian, as its cursor reads it: a closed frame, or a person's word on one. */
export interface RecordRow {
  readonly row: number;
  readonly record: Verdict | Override;
}

/** The record a person speaks of: a frame by its id, a part of several views by its inspection. */
export interface SpokenOf {
  readonly kind: 'frame' | 'part';
  readonly id: string;
}

export interface OverrideCall {
  readonly of: SpokenOf;
  readonly words: OverrideWords;
  readonly overrideId: string;
  readonly inspectorId: string;
  readonly bootId: string;
  readonly ts: string;
}

/**
 * new: durable. known: the last word on this record was the same, nothing was added. unknown: no verdict of that name is
 * in this ledger.
 */
export type OverrideOutcome =
  | { readonly kind: 'new' | 'known'; readonly override: Override }
  | { readonly kind: 'unknown' };

/** What came of closing: whether this verdict is the record, or an earlier one stands. */
export type Closing = 'recorded' | 'already';

export interface CloseRequest {
  readonly verdict: Verdict;
  /** Content hash of the picture to keep; null when it is not kept. */
  readonly picture: string | null;
}

/** Highest sequence number seen of a camera's newest boot, to go on counting gaps after a restart. */
export interface LastSequence {
  readonly camera: string;
  readonly cameraBootId: string | null;
  readonly seq: number;
}
