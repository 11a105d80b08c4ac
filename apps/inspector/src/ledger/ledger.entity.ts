import { EntitySchema } from 'typeorm';

/**
 * boot: an inspector started (everything open before it was closed); accepted: a frame's identity; closed: its verdict;
 * part-opened: the first view of a part; part: its verdict; overtaken: what the gate heard of a frame or part whose window
 * ended while its verdict was recorded; picture: of a frame recorded as PASS, kept because its part was rejected or it was
 * overtaken; event: what a person did; override: what a person said of a frame or part, beside its verdict.
 */
export type LedgerKind =
  | 'boot'
  | 'accepted'
  | 'closed'
  | 'part-opened'
  | 'part'
  | 'overtaken'
  | 'picture'
  | 'event'
  | 'override';

/** One line of the append-only ledger. `row` grows without reuse: a cursor is the last row somebody has. */
export interface LedgerRow {
  row: number;
  kind: LedgerKind;
  /** Frame the row speaks of; the inspector's bootId for `boot`, the inspection of a part, the id of an event. */
  frameId: string;
  camera: string | null;
  cameraBootId: string | null;
  seq: number | null;
  /** Content hash of the picture kept: with a `closed` row, or by a `picture` row. */
  picture: string | null;
  /** JSON: Arrival, Verdict, PartArrival, PartVerdict, LedgerEvent or Override, as `kind` says; Verdict or PartVerdict for `overtaken`; the frame's Verdict for `picture`. */
  body: string;
}

export const LedgerEntity = new EntitySchema<LedgerRow>({
  name: 'ledger',
  columns: {
    row: { type: 'integer', primary: true, generated: 'increment' },
    kind: { type: 'varchar' },
    frameId: { type: 'varchar' },
    camera: { type: 'varchar', nullable: true },
    cameraBootId: { type: 'varchar', nullable: true },
    seq: { type: 'integer', nullable: true },
    picture: { type: 'varchar', nullable: true },
    body: { type: 'text' },
  },
});

/** How far a reader of the ledger got; kept here for readers that have no store of their own. */
export interface LedgerCursor {
  reader: string;
  row: number;
}

export const LedgerCursorEntity = new EntitySchema<LedgerCursor>({
  name: 'cursor',
  columns: { reader: { type: 'varchar', primary: true }, row: { type: 'integer' } },
});
