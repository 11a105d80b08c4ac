import { EntitySchema } from 'typeorm';

/** One inspected frame in the plant database: what search, charts and reports read. Times are RFC 3339 UTC text. */
export interface PlantFrame {
  inspectorId: string;
  frameId: string;
  ledgerRow: number;
  camera: string;
  recipe: string;
  partId: string | null;
  lot: string | null;
  view: string | null;
  seq: number | null;
  verdict: string;
  reason: string;
  defectClass: string | null;
  score: number | null;
  modelId: string | null;
  captureTs: string | null;
  receivedTs: string;
  decidedTs: string;
  isLate: boolean;
  isSimulated: boolean;
  isChallenge: boolean;
  isHistorical: boolean;
  /** Content hash of the kept picture. */
  picture: string | null;
  /** The verdict as it was recorded, JSON. */
  body: string;
}

export const PlantFrameEntity = new EntitySchema<PlantFrame>({
  name: 'inspected_frame',
  columns: {
    inspectorId: { type: 'varchar', primary: true },
    frameId: { type: 'varchar', primary: true },
    ledgerRow: { type: 'bigint', transformer: { from: toNumber, to: (value: unknown) => value } },
    camera: { type: 'varchar' },
    recipe: { type: 'varchar' },
    partId: { type: 'varchar', nullable: true },
    lot: { type: 'varchar', nullable: true },
    view: { type: 'varchar', nullable: true },
    seq: { type: 'bigint', nullable: true, transformer: { from: toNumber, to: (value: unknown) => value } },
    verdict: { type: 'varchar' },
    reason: { type: 'varchar' },
    defectClass: { type: 'varchar', nullable: true },
    score: { type: 'double precision', nullable: true },
    modelId: { type: 'varchar', nullable: true },
    captureTs: { type: 'varchar', nullable: true },
    receivedTs: { type: 'varchar' },
    decidedTs: { type: 'varchar' },
    isLate: { type: 'boolean' },
    isSimulated: { type: 'boolean' },
    isChallenge: { type: 'boolean' },
    isHistorical: { type: 'boolean' },
    picture: { type: 'varchar', nullable: true },
    body: { type: 'text' },
  },
});

/** Frames that never arrived: a hole in a camera's sequence numbers, first and last. */
export interface PlantGap {
  inspectorId: string;
  /** The frame that showed the hole. */
  frameId: string;
  camera: string;
  cameraBootId: string | null;
  firstSeq: number;
  lastSeq: number;
  seenTs: string;
}

export const PlantGapEntity = new EntitySchema<PlantGap>({
  name: 'missing_frames',
  columns: {
    inspectorId: { type: 'varchar', primary: true },
    frameId: { type: 'varchar', primary: true },
    camera: { type: 'varchar' },
    cameraBootId: { type: 'varchar', nullable: true },
    firstSeq: { type: 'bigint', transformer: { from: toNumber, to: (value: unknown) => value } },
    lastSeq: { type: 'bigint', transformer: { from: toNumber, to: (value: unknown) => value } },
    seenTs: { type: 'varchar' },
  },
});

/** A part of several views: the worst of them. */
export interface PlantPart {
  inspectorId: string;
  /** Names this inspection of the part. */
  inspection: string;
  ledgerRow: number;
  partId: string;
  lot: string | null;
  verdict: string;
  reason: string;
  defectClass: string | null;
  score: number | null;
  decidedTs: string;
  isLate: boolean;
  isSimulated: boolean;
  isChallenge: boolean;
  isHistorical: boolean;
  /** The verdict as it was recorded, JSON. */
  body: string;
}

export const PlantPartEntity = new EntitySchema<PlantPart>({
  name: 'inspected_part',
  columns: {
    inspectorId: { type: 'varchar', primary: true },
    inspection: { type: 'varchar', primary: true },
    ledgerRow: { type: 'bigint', transformer: { from: toNumber, to: (value: unknown) => value } },
    partId: { type: 'varchar' },
    lot: { type: 'varchar', nullable: true },
    verdict: { type: 'varchar' },
    reason: { type: 'varchar' },
    defectClass: { type: 'varchar', nullable: true },
    score: { type: 'double precision', nullable: true },
    decidedTs: { type: 'varchar' },
    isLate: { type: 'boolean' },
    isSimulated: { type: 'boolean' },
    isChallenge: { type: 'boolean' },
    isHistorical: { type: 'boolean' },
    body: { type: 'text' },
  },
});

/** What a person said of a frame or part, beside what the machine said. */
export interface PlantOverride {
  inspectorId: string;
  overrideId: string;
  ledgerRow: number;
  camera: string;
  frameId: string | null;
  /** Of a part of several views. */
  inspection: string | null;
  partId: string | null;
  lot: string | null;
  disposition: string;
  trueLabel: string | null;
  remark: string | null;
  saidBy: string;
  saidTs: string;
  machineVerdict: string;
  machineReason: string;
  machineDefectClass: string | null;
  modelId: string | null;
  /** The override as it was recorded, JSON. */
  body: string;
}

export const PlantOverrideEntity = new EntitySchema<PlantOverride>({
  name: 'verdict_override',
  columns: {
    inspectorId: { type: 'varchar', primary: true },
    overrideId: { type: 'varchar', primary: true },
    ledgerRow: { type: 'bigint', transformer: { from: toNumber, to: (value: unknown) => value } },
    camera: { type: 'varchar' },
    frameId: { type: 'varchar', nullable: true },
    inspection: { type: 'varchar', nullable: true },
    partId: { type: 'varchar', nullable: true },
    lot: { type: 'varchar', nullable: true },
    disposition: { type: 'varchar' },
    trueLabel: { type: 'varchar', nullable: true },
    remark: { type: 'text', nullable: true },
    saidBy: { type: 'varchar' },
    saidTs: { type: 'varchar' },
    machineVerdict: { type: 'varchar' },
    machineReason: { type: 'varchar' },
    machineDefectClass: { type: 'varchar', nullable: true },
    modelId: { type: 'varchar', nullable: true },
    body: { type: 'text' },
  },
});

/** How far a ledger was brought here; written with the rows it speaks of. */
export interface PlantCursor {
  /** Which ledger, and whose: `{ledger}/{inspectorId}`. */
  ledgerId: string;
  row: number;
  /** Of that row; null where it was written before there were fingerprints. */
  fingerprint: string | null;
}

export const PlantCursorEntity = new EntitySchema<PlantCursor>({
  name: 'ledger_cursor',
  columns: {
    ledgerId: { type: 'varchar', primary: true },
    row: { type: 'bigint', transformer: { from: toNumber, to: (value: unknown) => value } },
    fingerprint: { type: 'varchar', nullable: true },
  },
});

/** All of the plant database's tables. */
export const PLANT_ENTITIES = [
  PlantFrameEntity,
  PlantGapEntity,
  PlantPartEntity,
  PlantOverrideEntity,
  PlantCursorEntity,
];

/** PostgreSQL hands bigint over as text. */
function toNumber(value: unknown): unknown {
  return value === null ? null : Number(value);
}
