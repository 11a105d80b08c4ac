import type { Override, PartVerdict, Verdict } from '#contracts';
import type { PlantFrame, PlantGap, PlantOverride, PlantPart } from './plant.entity.js';
import type { Arrival } from './rows.js';

/**
 * A ledger row on its way: a closed frame, a part's verdict, what the gate heard instead of either, a picture kept later, a
 * person's word, or an accepted frame that showed a hole in the sequence.
 */
export interface LedgerLine {
  readonly row: number;
  readonly kind: 'accepted' | 'closed' | 'part' | 'overtaken' | 'picture' | 'override';
  readonly picture: string | null;
  readonly body: string;
}

/** The rows of the plant database that one line of the ledger makes: one in the table of its kind, none in the others. */
export class PlantRows {
  constructor(readonly inspectorId: string) {}

  frameOf({ kind, row, picture, body }: LedgerLine): PlantFrame[] {
    if (kind !== 'closed') return [];
    const verdict = JSON.parse(body) as Verdict;
    const { ts, late, simulated, challenge, historical } = verdict;
    return [
      {
        inspectorId: this.inspectorId,
        frameId: verdict.frameId,
        ledgerRow: row,
        camera: verdict.camera,
        recipe: verdict.recipe,
        partId: verdict.partId,
        lot: verdict.lot,
        view: verdict.view,
        seq: verdict.seq,
        verdict: verdict.verdict,
        reason: verdict.reason,
        defectClass: verdict.defectClass,
        score: verdict.score,
        modelId: verdict.model?.id ?? null,
        captureTs: ts.capture,
        receivedTs: ts.received,
        decidedTs: ts.decided,
        isLate: late,
        isSimulated: simulated,
        isChallenge: challenge,
        isHistorical: historical,
        picture,
        body,
      },
    ];
  }

  partOf({ kind, row, body }: LedgerLine): PlantPart[] {
    if (kind !== 'part') return [];
    const part = JSON.parse(body) as PartVerdict;
    const { inspection, partId, lot, verdict, reason, defectClass, score, ts } = part;
    const { late, simulated, challenge, historical } = part;
    return [
      {
        inspectorId: this.inspectorId,
        inspection,
        ledgerRow: row,
        ...{ partId, lot, verdict, reason, defectClass, score },
        decidedTs: ts.decided,
        isLate: late,
        isSimulated: simulated,
        isChallenge: challenge,
        isHistorical: historical,
        body,
      },
    ];
  }

  /** What the gate heard of a frame. */
  heardFrameOf(line: LedgerLine): PlantFrame[] {
    return line.kind === 'overtaken' && !isOfPart(line) ? this.frameOf({ ...line, kind: 'closed' }) : [];
  }

  /** A frame whose picture was kept after it was closed. */
  keptLaterOf(line: LedgerLine): PlantFrame[] {
    return line.kind === 'picture' ? this.frameOf({ ...line, kind: 'closed' }) : [];
  }

  /** What the gate heard of a part. */
  heardPartOf(line: LedgerLine): PlantPart[] {
    return line.kind === 'overtaken' && isOfPart(line) ? this.partOf({ ...line, kind: 'part' }) : [];
  }

  overrideOf({ kind, row, body }: LedgerLine): PlantOverride[] {
    if (kind !== 'override') return [];
    const { overrideId, camera, frameId, inspection, partId, lot, disposition, trueLabel, remark, by, ts, machine } =
      JSON.parse(body) as Override;
    const { verdict, reason, defectClass, modelId } = machine;
    return [
      {
        inspectorId: this.inspectorId,
        overrideId,
        ledgerRow: row,
        ...{ camera, frameId, inspection, partId, lot, disposition, trueLabel, remark },
        saidBy: by,
        saidTs: ts,
        machineVerdict: verdict,
        machineReason: reason,
        machineDefectClass: defectClass,
        modelId,
        body,
      },
    ];
  }

  gapOf({ kind, body }: LedgerLine): PlantGap[] {
    if (kind !== 'accepted') return [];
    const { frameId, camera, cameraBootId, missing, receivedTs } = JSON.parse(body) as Arrival;
    if (missing === null) return [];
    const [firstSeq, lastSeq] = missing;
    const { inspectorId } = this;
    return [{ inspectorId, frameId, camera, cameraBootId, firstSeq, lastSeq, seenTs: receivedTs }];
  }
}

function isOfPart({ body }: LedgerLine): boolean {
  return (JSON.parse(body) as Verdict | PartVerdict).schema === 'vision.part/1';
}
