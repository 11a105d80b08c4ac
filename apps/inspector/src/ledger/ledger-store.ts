import { ulid } from 'ulid';
import { DependencyError, InvariantError, messageOf, type Override, type PartVerdict, type Verdict } from '#contracts';
import { remedyFor } from './durability.js';
import type { LedgerRow } from './ledger.entity.js';
import { isOpen, LedgerAnswers, SETTLED } from './ledger-answers.js';
import { type LedgerFile, openLedgerFile } from './ledger-file.js';
import { isSameWord, overrideFrame, overridePart } from './override.js';
import type {
  Acceptance,
  Arrival,
  CloseRequest,
  Closing,
  LedgerEvent,
  OverrideCall,
  OverrideOutcome,
  PartArrival,
} from './rows.js';

const INSERT = `INSERT INTO "ledger" ("kind", "frameId", "camera", "cameraBootId", "seq", "picture", "body")
  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING "row"`;

/**
 * After so many new rows the mark of what is settled moves on, over at most as many as the second figure: a start looks
 * for open frames behind it alone, however long the inspector has run. 1,000 rows take some 4 ms.
 */
const SETTLE = { every: 500, rows: 1_000 } as const;

/**
 * The append-only record of frames and verdicts on one SQLite file. Synchronous under its promises: it belongs into
 * its own thread. Calls between `transaction`'s begin and end are durable together.
 */
export class LedgerStore extends LedgerAnswers {
  /** New ones since the mark was moved. */
  private newRows = 0;

  private constructor(private readonly file: LedgerFile) {
    super(file.source, file.runner);
  }

  /** @throws DependencyError LEDGER_OPEN when the file cannot be opened or does not keep commits through a power cut */
  static async open(file: string): Promise<LedgerStore> {
    return new LedgerStore(await openLedgerFile(file));
  }

  /**
   * All of `work` in one commit, one flush to the disk. SQLite itself is asked whether a transaction is open: on a disk
   * that refuses it may end one by itself, and whoever only counts takes the next commit for one inside it.
   * @throws DependencyError LEDGER_WRITE; then nothing was kept
   */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    try {
      await this.runner.query('BEGIN');
      const result = await work();
      if (this.newRows >= SETTLE.every) await this.settle();
      await this.runner.query('COMMIT');
      return result;
    } catch (cause) {
      if (this.file.handle.inTransaction) await this.runner.query('ROLLBACK');
      if (cause instanceof InvariantError) throw cause;
      throw new DependencyError(
        'LEDGER_WRITE',
        `Ledger cannot be written: ${messageOf(cause)}. ${remedyFor(cause, 'Free disk space or repair the disk.')}`,
        { cause },
      );
    }
  }

  async accept(arrival: Arrival): Promise<Acceptance> {
    const { frameId, camera, cameraBootId, seq } = arrival;
    const body = JSON.stringify(arrival);
    if (await this.insert(['accepted', frameId, camera, cameraBootId, seq, null, body])) return { kind: 'new' };
    const first = await this.firstOf(arrival);
    const isSame =
      first.camera === camera &&
      (first.seq === null || seq === null || first.seq === seq) &&
      sameBoot(first, arrival) &&
      samePart(first, arrival);
    if (!isSame) return { kind: 'conflict', frameId };
    return { kind: 'duplicate', frameId: first.frameId, verdict: await this.verdictOf(first.frameId) };
  }

  /** A frame's one verdict; a second one changes nothing. */
  async close({ verdict, picture }: CloseRequest): Promise<Closing> {
    const body = JSON.stringify(verdict);
    const isFirst = await this.insert(['closed', verdict.frameId, verdict.camera, null, null, picture, body]);
    return isFirst ? 'recorded' : 'already';
  }

  async openPart(part: PartArrival): Promise<void> {
    await this.insert(['part-opened', part.inspection, null, null, null, null, JSON.stringify(part)]);
  }

  /** A part's one verdict; a second one changes nothing. */
  async closePart(part: PartVerdict): Promise<Closing> {
    const isFirst = await this.insert(['part', part.inspection, null, null, null, null, JSON.stringify(part)]);
    return isFirst ? 'recorded' : 'already';
  }

  /** What the gate heard of a frame or part, where that is not what was recorded: its window ended meanwhile. */
  async overtake(heard: Verdict | PartVerdict): Promise<void> {
    const [id, camera] = heard.schema === 'vision.part/1' ? [heard.inspection, null] : [heard.frameId, heard.camera];
    await this.insert(['overtaken', id, camera, null, null, null, JSON.stringify(heard)]);
  }

  /** The picture of a closed frame is kept after all, as a reject's: of its part, or because its window ended meanwhile. */
  async keepPicture({ verdict, picture }: CloseRequest): Promise<void> {
    await this.insert(['picture', verdict.frameId, verdict.camera, null, null, picture, JSON.stringify(verdict)]);
  }

  async note(event: LedgerEvent): Promise<void> {
    await this.insert(['event', ulid(), event.camera, null, null, null, JSON.stringify(event)]);
  }

  /** A person's word beside the machine's, which is read in the same commit. */
  async override(call: OverrideCall): Promise<OverrideOutcome> {
    const { kind, id } = call.of;
    const override = kind === 'frame' ? await this.overrideOfFrame(id, call) : await this.overrideOfPart(id, call);
    if (override === null) return { kind: 'unknown' };
    const last = (await this.overridesWhere('"frameId" = ?', id)).at(-1)?.override;
    if (last !== undefined && isSameWord(last, override)) return { kind: 'known', override: last };
    await this.insert(['override', id, override.camera, null, null, null, JSON.stringify(override)]);
    return { kind: 'new', override };
  }

  /** @param setting `value` null takes it away */
  async set({ name, value }: { name: string; value: string | null }): Promise<void> {
    if (value === null) await this.runner.query(`DELETE FROM "setting" WHERE "name" = ?`, [name]);
    else
      await this.runner.query(
        `INSERT INTO "setting" VALUES (?, ?) ON CONFLICT ("name") DO UPDATE SET "value" = excluded."value"`,
        [name, value],
      );
  }

  /** Everything before this row is closed: the next start looks for open frames only after it. */
  async markBoot(bootId: string): Promise<void> {
    await this.insert(['boot', bootId, null, null, null, null, '{}']);
  }

  /** @param cursor `row` null takes it away */
  async setCursor({ reader, row }: { reader: string; row: number | null }): Promise<void> {
    if (row === null) await this.runner.query(`DELETE FROM "cursor" WHERE "reader" = ?`, [reader]);
    else
      await this.runner.query(
        `INSERT INTO "cursor" VALUES (?, ?) ON CONFLICT ("reader") DO UPDATE SET "row" = excluded."row"`,
        [reader, row],
      );
  }

  async stop(): Promise<void> {
    await this.source.destroy();
  }

  private async insert(values: readonly (string | number | null)[]): Promise<boolean> {
    const rows = (await this.runner.query(INSERT, [...values])) as unknown[];
    this.newRows += rows.length;
    return rows.length === 1;
  }

  /** In the same commit as the rows it passes: a mark beyond rows that were not kept would hide what takes their place. */
  private async settle(): Promise<void> {
    this.newRows = 0;
    const from = await this.settledRow();
    const to = from + SETTLE.rows;
    const [next] = (await this.runner.query(
      `SELECT COALESCE(
        (SELECT "row" FROM "ledger" AS "a" WHERE "a"."row" > ? AND "a"."row" <= ?
          AND (${isOpen('accepted')} OR ${isOpen('part-opened')}) ORDER BY "row" LIMIT 1),
        (SELECT MAX("row") + 1 FROM "ledger" WHERE "row" <= ?)) AS "row"`,
      [from, to, to],
    )) as Pick<LedgerRow, 'row'>[];
    if (next !== undefined) await this.setCursor({ reader: SETTLED, row: next.row - 1 });
  }

  private async overrideOfFrame(frameId: string, call: OverrideCall): Promise<Override | null> {
    const verdict = await this.verdictOf(frameId);
    return verdict === null ? null : overrideFrame(verdict, call);
  }

  private async overrideOfPart(inspection: string, call: OverrideCall): Promise<Override | null> {
    const part = await this.partOf(inspection);
    return part === null ? null : overridePart(part, call);
  }

  private async firstOf({ frameId, camera, cameraBootId, seq }: Arrival): Promise<LedgerRow> {
    const [first] = (await this.runner.query(
      `SELECT * FROM "ledger" WHERE "kind" = 'accepted' AND "frameId" = ?
        UNION ALL
        SELECT * FROM "ledger" WHERE "kind" = 'accepted' AND "camera" = ? AND "cameraBootId" = ? AND "seq" = ?
        LIMIT 1`,
      [frameId, camera, cameraBootId, seq],
    )) as LedgerRow[];
    if (first === undefined)
      throw new InvariantError(`Frame ${frameId} was refused by the ledger without a first one.`);
    return first;
  }
}

function sameBoot(first: LedgerRow, arrival: Arrival): boolean {
  return first.cameraBootId === null || arrival.cameraBootId === null || first.cameraBootId === arrival.cameraBootId;
}

/** One frame shows one part: a camera that counts anew without a new boot shows others under the numbers of before. */
function samePart(first: LedgerRow, { partId }: Arrival): boolean {
  const { partId: known } = JSON.parse(first.body) as Arrival;
  return known === null || partId === null || known === partId;
}
