import type { DataSource, QueryRunner } from 'typeorm';
import { firstFrameOf, type Override, type PartVerdict, type Verdict } from '#contracts';
import { LedgerCursorEntity, type LedgerRow } from './ledger.entity.js';
import { framesOf } from './override.js';
import type {
  Arrival,
  ClosedPart,
  KeptPicture,
  LastSequence,
  OpenPart,
  PartArrival,
  RecordRow,
  SpokenOf,
} from './rows.js';

const KEPT = `SELECT "row", "picture", json_extract("body", '$.lot') AS "lot", json_extract("body", '$.ts.decided') AS "decidedTs",
  CASE WHEN "kind" <> 'picture' AND json_extract("body", '$.verdict') = 'PASS' THEN 'pass' ELSE 'reject' END AS "keptAs"
  FROM "ledger" WHERE`;

/** Rows looked through for each part that is asked for: it has two of its own and two or more of each view. */
const LOOKED_BACK = 10;

/** Which kind of row ends what another begins. */
const ENDS = { accepted: 'closed', 'part-opened': 'part' } as const;
type Begins = keyof typeof ENDS;

/** Reader whose cursor is the row up to which nothing is open. */
export const SETTLED = 'settled';

interface OverrideRow {
  readonly row: number;
  readonly override: Override;
}

/** What the ledger is asked: the way out of it. Nothing here writes. */
export class LedgerAnswers {
  protected constructor(
    protected readonly source: DataSource,
    protected readonly runner: QueryRunner,
  ) {}

  /** A frame's verdict as the gate heard it; null while it has none. */
  verdictOf(frameId: string): Promise<Verdict | null> {
    return this.heardOf<Verdict>('closed', frameId);
  }

  /** A part's verdict as the gate heard it; null while it has none. */
  partOf(inspection: string): Promise<PartVerdict | null> {
    return this.heardOf<PartVerdict>('part', inspection);
  }

  /** The verdicts on a part's frames in the order of its views, those that came; null where there is no such inspection. */
  async viewsOf(inspection: string): Promise<Verdict[] | null> {
    const part = await this.partOf(inspection);
    return part === null ? null : this.verdictsOn(framesOf(part));
  }

  async pictureOf(frameId: string): Promise<string | null> {
    const kept = ['closed', 'picture'].map(
      (kind) => `SELECT "picture" FROM "ledger" WHERE "kind" = '${kind}' AND "frameId" = ? AND "picture" IS NOT NULL`,
    );
    const [found] = (await this.runner.query(
      `${kept.join(' UNION ALL ')} LIMIT 1`,
      kept.map(() => frameId),
    )) as Pick<LedgerRow, 'picture'>[];
    return found?.picture ?? null;
  }

  /** Pictures that were kept, after a row, oldest first. */
  keptPictures({ row, limit }: { row: number; limit: number }): Promise<KeptPicture[]> {
    return this.runner.query(`${KEPT} "row" > ? AND "picture" IS NOT NULL ORDER BY "row" LIMIT ?`, [row, limit]);
  }

  /** Frames with this picture, after a row, oldest first. */
  framesOfPicture({ picture, row, limit }: { picture: string; row: number; limit: number }): Promise<KeptPicture[]> {
    return this.runner.query(`${KEPT} "picture" = ? AND "row" > ? ORDER BY "row" LIMIT ?`, [picture, row, limit]);
  }

  /** What people said of a frame or of its part as a whole, of a part or of any of its frames; oldest first. */
  async overridesOf({ kind, id }: SpokenOf): Promise<Override[]> {
    const said = kind === 'frame' ? await this.overridesOfFrame(id) : await this.overridesOfPart(id);
    // By their rows: the clock may have been set back between two of them.
    return said.toSorted((a, b) => a.row - b.row).map(({ override }) => override);
  }

  private async overridesOfPart(inspection: string): Promise<OverrideRow[]> {
    const part = await this.partOf(inspection);
    if (part === null) return [];
    const ids = JSON.stringify([inspection, ...framesOf(part)]);
    return this.overridesWhere('"frameId" IN (SELECT "value" FROM json_each(?))', ids);
  }

  private async overridesOfFrame(frameId: string): Promise<OverrideRow[]> {
    const ofFrame = await this.overridesWhere('"frameId" = ?', frameId);
    const partId = (await this.verdictOf(frameId))?.partId ?? null;
    const ofPart = partId === null ? [] : await this.overridesWhere(`json_extract("body", '$.partId') = ?`, partId);
    const isWhole = ({ override: { inspection, frameIds } }: OverrideRow): boolean =>
      inspection !== null && frameIds.includes(frameId);
    return [...ofFrame, ...ofPart.filter(isWhole)];
  }

  /** What holds until a person changes it, by name; empty names nothing. */
  async settings(): Promise<Record<string, string>> {
    const rows = (await this.runner.query(`SELECT "name", "value" FROM "setting"`)) as Record<
      'name' | 'value',
      string
    >[];
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  }

  /** Accepted frames without a verdict: what a crash left behind. */
  openFrames(): Promise<Arrival[]> {
    return this.openOf<Arrival>('accepted');
  }

  /** Parts without a verdict: what a crash left behind. */
  async openParts(): Promise<OpenPart[]> {
    const arrivals = await this.openOf<PartArrival>('part-opened');
    const frameIds = await this.framesSince(arrivals.map(({ inspection }) => inspection));
    const parts: OpenPart[] = [];
    for (const arrival of arrivals)
      parts.push({ arrival, frames: await this.verdictsOn(frameIds.get(arrival.inspection) ?? []) });
    return parts;
  }

  /** The last parts that have their verdict, oldest first; a part that was fed again is there as often. */
  async lastParts(limit: number): Promise<ClosedPart[]> {
    const rows = (await this.runner.query(
      `SELECT "body" FROM "ledger" WHERE "kind" = 'part' AND "row" > (SELECT MAX("row") FROM "ledger") - ?
        ORDER BY "row" DESC LIMIT ?`,
      [LOOKED_BACK * limit, limit],
    )) as Pick<LedgerRow, 'body'>[];
    return rows.reverse().map(({ body }) => {
      const { partId, validUntil, views } = JSON.parse(body) as PartVerdict;
      return { partId, validUntil, views: views.flatMap(({ view, frameId }) => (frameId === null ? [] : [view])) };
    });
  }

  async lastSequences(cameras: readonly string[]): Promise<LastSequence[]> {
    const found: LastSequence[] = [];
    for (const camera of cameras) {
      const rows = (await this.runner.query(
        `SELECT "camera", "cameraBootId", "seq" FROM "ledger" INDEXED BY "ledger_accepted_camera"
          WHERE "kind" = 'accepted' AND "camera" = ? AND "seq" IS NOT NULL ORDER BY "row" DESC LIMIT 1`,
        [camera],
      )) as LastSequence[];
      found.push(...rows);
    }
    return found;
  }

  /** Closed frames and people's words on them after a cursor, oldest first. */
  readAfter({ row, limit }: { row: number; limit: number }): Promise<RecordRow[]> {
    return this.recordsWhere('"row" > ?', [row, limit]);
  }

  /** Those of one camera, up to a row. Every row of all cameras between the two is looked through. */
  readOfCamera(of: { camera: string; row: number; upTo: number; limit: number }): Promise<RecordRow[]> {
    const { camera, row, upTo, limit } = of;
    return this.recordsWhere('"row" > ? AND "row" <= ? AND "camera" = ?', [row, upTo, camera, limit]);
  }

  /** How far each reader got. */
  async cursors(): Promise<Record<string, number>> {
    const found = await this.source.getRepository(LedgerCursorEntity).find();
    return Object.fromEntries(found.map(({ reader, row }) => [reader, row]));
  }

  async cursor(reader: string): Promise<number> {
    const found = await this.source.getRepository(LedgerCursorEntity).findOneBy({ reader });
    return found?.row ?? 0;
  }

  /** The row up to which every frame and part has its verdict, as far as it is known; later ones may have theirs too. */
  protected async settledRow(): Promise<number> {
    const [boot] = (await this.runner.query(`SELECT MAX("row") AS "row" FROM "ledger" WHERE "kind" = 'boot'`)) as {
      row: number | null;
    }[];
    return Math.max(boot?.row ?? 0, await this.cursor(SETTLED));
  }

  private async openOf<Begun>(begun: Begins): Promise<Begun[]> {
    const rows = (await this.runner.query(
      `SELECT "body" FROM "ledger" AS "a" WHERE "a"."row" > ? AND ${isOpen(begun)} ORDER BY "row"`,
      [await this.settledRow()],
    )) as Pick<LedgerRow, 'body'>[];
    return rows.map(({ body }) => JSON.parse(body) as Begun);
  }

  /** Those that there are. */
  private async verdictsOn(frameIds: readonly string[]): Promise<Verdict[]> {
    const found: Verdict[] = [];
    for (const frameId of frameIds) {
      const verdict = await this.verdictOf(frameId);
      if (verdict !== null) found.push(verdict);
    }
    return found;
  }

  /**
   * Frames of each inspection that began with the first of these or later, by inspection. A frame belongs to the last one
   * of its part that had begun when it was accepted; the part's own row may stand behind the first few frames.
   */
  private async framesSince(inspections: readonly string[]): Promise<Map<string, string[]>> {
    const rows = (await this.runner.query(
      `SELECT "kind", "frameId", json_extract("body", '$.partId') AS "partId" FROM "ledger"
        WHERE "kind" IN ('accepted', 'part-opened') AND "row" >= (SELECT MIN("row") FROM "ledger"
          WHERE "kind" = 'accepted' AND "frameId" IN (SELECT "value" FROM json_each(?))) ORDER BY "row"`,
      [JSON.stringify(inspections.map(firstFrameOf))],
    )) as (Pick<LedgerRow, 'kind' | 'frameId'> & { partId: string | null })[];
    const begun = new Map(
      rows.flatMap(({ kind, frameId: id }) => (kind === 'part-opened' ? [[firstFrameOf(id), id] as const] : [])),
    );
    const current = new Map<string | null, string>();
    const frames = new Map<string, string[]>([...begun.values()].map((inspection) => [inspection, []]));
    for (const { kind, frameId, partId } of rows) {
      if (kind !== 'accepted') continue;
      const inspection = begun.get(frameId) ?? current.get(partId);
      if (inspection === undefined) continue;
      current.set(partId, inspection);
      frames.get(inspection)?.push(frameId);
    }
    return frames;
  }

  /** Asked of every few frames. `+`, because a statement with a plain `LIMIT ?` is planned anew whenever it is run. */
  private async recordsWhere(isWanted: string, values: readonly (string | number)[]): Promise<RecordRow[]> {
    const rows = (await this.runner.query(
      `SELECT "row", "body" FROM "ledger" WHERE ${isWanted} AND ("kind" IN ('closed', 'override')
        OR ("kind" = 'overtaken' AND "camera" IS NOT NULL)) ORDER BY "row" LIMIT +?`,
      [...values],
    )) as Pick<LedgerRow, 'row' | 'body'>[];
    return rows.map((found) => ({ row: found.row, record: JSON.parse(found.body) as Verdict | Override }));
  }

  /** What was recorded of a frame or part, or what was heard instead of it. */
  protected async heardOf<Said>(recorded: 'closed' | 'part', id: string): Promise<Said | null> {
    const [found] = (await this.runner.query(
      `SELECT "body" FROM "ledger" WHERE "kind" = 'overtaken' AND "frameId" = ?
        UNION ALL
        SELECT "body" FROM "ledger" WHERE "kind" = '${recorded}' AND "frameId" = ?
        LIMIT 1`,
      [id, id],
    )) as Pick<LedgerRow, 'body'>[];
    return found === undefined ? null : (JSON.parse(found.body) as Said);
  }

  /** Oldest first. */
  protected async overridesWhere(isWanted: string, value: string): Promise<OverrideRow[]> {
    const rows = (await this.runner.query(
      `SELECT "row", "body" FROM "ledger" WHERE "kind" = 'override' AND ${isWanted} ORDER BY "row"`,
      [value],
    )) as Pick<LedgerRow, 'row' | 'body'>[];
    return rows.map(({ row, body }) => ({ row, override: JSON.parse(body) as Override }));
  }
}

/** Of a row "a": it begins something that nothing has ended. */
export function isOpen(begun: Begins): string {
  return `"a"."kind" = '${begun}' AND NOT EXISTS (
    SELECT 1 FROM "ledger" AS "c" WHERE "c"."kind" = '${ENDS[begun]}' AND "c"."frameId" = "a"."frameId")`;
}
