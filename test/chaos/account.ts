import type { Verdict } from '#contracts';

/** A part as its camera sent it, with the truth about it. */
export interface SentPart {
  readonly frameId: string;
  readonly camera: string;
  readonly partId: string;
  readonly seq: number;
  /** Monotonic ms of the trigger. */
  readonly sentAt: number;
  readonly isDefective: boolean;
  /** P(defect) that the model gives to this very picture. */
  readonly score: number;
}

/** The gate opened: what it heard, when, and which inspector was READY for that camera as the broker told it. */
export interface Opening {
  readonly frameId: string;
  readonly verdict: Verdict;
  readonly heardAt: number;
  readonly readyBootId: string | null;
}

/** What a ledger says of a closed frame. */
export type LedgerRecord = Pick<Verdict, 'frameId' | 'verdict' | 'bootId' | 'identity'>;

/** Sequence numbers of one camera, first and last included. */
export interface SequenceRange {
  readonly camera: string;
  readonly first: number;
  readonly last: number;
}

/** Everything that was written down, of every inspector that took part. */
export interface Books {
  readonly records: Iterable<LedgerRecord>;
  /** frameIds as they stand in the plant databases; null where none is looked at. */
  readonly plant: Iterable<string> | null;
  /** What inspectors listed as missing. */
  readonly gaps: Iterable<SequenceRange>;
  /** First and last number of each camera that an inspector accepted: only between them can a gap be known. */
  readonly seen: Iterable<SequenceRange>;
}

export interface Figures {
  readonly sent: number;
  /** Frames that reached an inspector on the wire. */
  readonly delivered: number;
  readonly pass: number;
  readonly fail: number;
  readonly inconclusive: number;
  /** Acknowledged by an inspector on the wire, without a record in a ledger or, with one, in the plant database. */
  readonly lost: number;
  /** More than one record, in one ledger, in two, or in the plant database. */
  readonly doubled: number;
  /** Openings of the gate without a valid PASS, in time, from the inspector that was READY. */
  readonly falsePass: number;
  /** Defective parts with a valid PASS: the model's own mistakes. */
  readonly missed: number;
  /** Sent, and neither in a record nor in a listed gap: nobody would ever know. */
  readonly unexplained: number;
  /** What is wrong, frame by frame; the first few. */
  readonly problems: readonly string[];
}

interface Life {
  readonly part: SentPart;
  isDelivered: boolean;
  isAcknowledged: boolean;
  /** bootId whose PASS opened the gate. */
  openedBy: string | null;
  records: number;
  inPlant: number;
}

/** Scores are float32 in the graph and doubles in the formula. */
const SCORE_TOLERANCE = 1e-3;
const MOST_PROBLEMS = 20;

/**
 * Holds the line to its promises, frame by frame, from what was seen outside of the inspector: what cameras sent, what
 * crossed the wire, what the gate did. The inspector's own books are compared with that at the end.
 */
export class Account {
  readonly #windowMs: number;
  readonly #lives = new Map<string, Life>();
  readonly #problems: string[] = [];
  /** Acknowledged messages that named no frame: each must have a record under a derived name. */
  #nameless = 0;
  #falsePass = 0;
  #missed = 0;
  #delivered = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  sent(part: SentPart): void {
    const life = { part, isDelivered: false, isAcknowledged: false, openedBy: null, records: 0, inPlant: 0 };
    this.#lives.set(part.frameId, life);
  }

  /** @param frameId null where the message names none */
  delivered(frameId: string | null): void {
    const life = this.#lives.get(frameId ?? '');
    if (life === undefined || life.isDelivered) return;
    life.isDelivered = true;
    this.#delivered += 1;
  }

  /** The inspector told the broker that it has the frame. */
  acknowledged(frameId: string | null): void {
    const life = this.#lives.get(frameId ?? '');
    if (life !== undefined) life.isAcknowledged = true;
    else if (frameId === null) this.#nameless += 1;
  }

  opened(opening: Opening): void {
    const life = this.#lives.get(opening.frameId);
    const why = life === undefined ? 'no such part was sent' : this.#whyFalse(life.part, opening);
    if (life !== undefined) life.openedBy = opening.verdict.bootId;
    if (why !== null) this.#falsify(opening.frameId, why);
    else if (life?.part.isDefective) this.#missed += 1;
  }

  /** Compare with the books. Once, when everything came to rest. */
  audit(books: Books): Figures {
    const counts = { PASS: 0, FAIL: 0, INCONCLUSIVE: 0 };
    let derived = 0;
    for (const record of books.records) {
      if (record.identity === 'derived') derived += 1;
      const life = this.#lives.get(record.frameId);
      if (life === undefined) continue;
      if (life.records === 0) counts[record.verdict] += 1;
      life.records += 1;
      const isProof = record.verdict === 'PASS' && record.bootId === life.openedBy;
      if (life.openedBy !== null && !isProof)
        this.#falsify(record.frameId, `the gate opened, its record says ${record.verdict} by ${record.bootId}`);
    }
    for (const frameId of books.plant ?? []) {
      const life = this.#lives.get(frameId);
      if (life !== undefined) life.inPlant += 1;
    }
    const { lost, doubled, unexplained } = this.#weigh(books, derived);
    return {
      sent: this.#lives.size,
      delivered: this.#delivered,
      pass: counts.PASS,
      fail: counts.FAIL,
      inconclusive: counts.INCONCLUSIVE,
      lost,
      doubled,
      falsePass: this.#falsePass,
      missed: this.#missed,
      unexplained,
      problems: this.#problems,
    };
  }

  #weigh({ plant, gaps, seen }: Books, derived: number): { lost: number; doubled: number; unexplained: number } {
    const [listed, known] = [[...gaps], [...seen]];
    const isIn = (ranges: readonly SequenceRange[], { camera, seq }: SentPart): boolean =>
      ranges.some((range) => range.camera === camera && range.first <= seq && seq <= range.last);
    let [lost, doubled, unexplained] = [Math.max(0, this.#nameless - derived), 0, 0];
    if (lost > 0) this.#tell(`${lost} messages without a frameId were acknowledged and have no record`);
    for (const [frameId, { part, isAcknowledged, records, inPlant, openedBy }] of this.#lives) {
      const isForgotten = records === 0 && isAcknowledged;
      if (isForgotten || (records > 0 && plant !== null && inPlant === 0)) {
        lost += 1;
        this.#tell(`${frameId} is lost ${isForgotten ? 'from the ledger' : 'on the way to the plant database'}`);
      }
      if (records > 1 || inPlant > 1) {
        doubled += 1;
        this.#tell(`${frameId} has ${records} records, ${inPlant} in the plant database`);
      }
      if (records === 0 && openedBy !== null) this.#falsify(frameId, 'the gate opened and there is no record');
      if (records === 0 && !isForgotten && isIn(known, part) && !isIn(listed, part)) {
        unexplained += 1;
        this.#tell(`${frameId} (${part.camera} ${part.seq}) is neither in a record nor in a gap`);
      }
    }
    return { lost, doubled, unexplained };
  }

  #whyFalse(part: SentPart, { verdict, heardAt, readyBootId }: Opening): string | null {
    if (verdict.verdict !== 'PASS') return `on ${verdict.verdict}`;
    if (verdict.frameId !== part.frameId || verdict.partId !== part.partId || verdict.camera !== part.camera)
      return `on the verdict of ${verdict.camera} ${verdict.frameId}`;
    if (heardAt - part.sentAt > this.#windowMs) return `${heardAt - part.sentAt} ms after the trigger`;
    if (readyBootId === null) return 'while no inspector was READY';
    if (verdict.bootId !== readyBootId) return `on boot ${verdict.bootId} while ${readyBootId} was READY`;
    if (verdict.late || verdict.historical || verdict.challenge || verdict.simulated || !verdict.recorded)
      return 'on a verdict that says itself that it does not count';
    // The tiny model's scores are known: another score is another part's, not a mistake of the model.
    if (verdict.score === null || Math.abs(verdict.score - part.score) > SCORE_TOLERANCE)
      return `on score ${verdict.score} where the picture has ${part.score}`;
    return null;
  }

  #falsify(frameId: string, why: string): void {
    this.#falsePass += 1;
    this.#tell(`${frameId}: false PASS, ${why}`);
  }

  #tell(problem: string): void {
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(problem);
  }
}
