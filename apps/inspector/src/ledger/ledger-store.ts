import { DataSource, type QueryRunner } from 'typeorm';
import { ulid } from 'ulid';
import { DependencyError, InvariantError, messageOf, type Override, type PartVerdict, type Verdict } from '#contracts';
import { assertDurable, makeDurable, type SqliteHandle } from './durability.js';
import { LedgerCursorEntity, LedgerEntity, type LedgerKind, type LedgerRow } from './ledger.entity.js';
import { Ledger1700000000001 } from './migrations/0001-ledger.js';
import { Kinds1700000000002 } from './migrations/0002-kinds.js';
import { Overrides1700000000003 } from './migrations/0003-overrides.js';
import { Overtaken1700000000004 } from './migrations/0004-overtaken.js';
import { isSameWord, overrideFrame, overridePart } from './override.js';
import type {
  Acceptance,
  Arrival,
  CloseRequest,
  Closing,
  KeptPicture,
  LastSequence,
  LedgerEvent,
  OverrideCall,
  OverrideOutcome,
  PartArrival,
  RecordRow,
} from './rows.js';

const INSERT = `INSERT INTO "ledger" ("kind", "frameId", "camera", "cameraBootId", "seq", "picture", "body")
  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING "row"`;

const KEPT = `SELECT "row", "picture", json_extract("body", '$.verdict') AS "verdict",
  json_extract("body", '$.lot') AS "lot", json_extract("body", '$.ts.decided') AS "decidedTs"
  FROM "ledger" WHERE "kind" = 'closed' AND`;

/**
 * The append-only record of frames and verdicts on one SQLite file. Synchronous under its promises: it belongs into
 * its own thread. Calls between `transaction`'s begin and end are durable together.
 */
export class LedgerStore {
  private constructor(
    private readonly source: DataSource,
    private readonly runner: QueryRunner,
    private readonly handle: SqliteHandle,
  ) {}

  /** @throws DependencyError LEDGER_OPEN when the file cannot be opened or does not keep commits through a power cut */
  static async open(file: string): Promise<LedgerStore> {
    let handle: SqliteHandle | null = null;
    try {
      const source = await new DataSource({
        type: 'better-sqlite3',
        database: file,
        prepareDatabase: (opened: SqliteHandle) => {
          handle = opened;
          makeDurable(opened);
        },
        entities: [LedgerEntity, LedgerCursorEntity],
        migrations: [Ledger1700000000001, Kinds1700000000002, Overrides1700000000003, Overtaken1700000000004],
        migrationsRun: true,
      }).initialize();
      const runner = source.createQueryRunner();
      await assertDurable(runner, file);
      return new LedgerStore(source, runner, opened(handle));
    } catch (cause) {
      if (cause instanceof DependencyError) throw cause;
      throw new DependencyError(
        'LEDGER_OPEN',
        `Ledger ${file} cannot be opened: ${messageOf(cause)}. Check that its folder exists and is writable.`,
        { cause },
      );
    }
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
      await this.runner.query('COMMIT');
      return result;
    } catch (cause) {
      if (this.handle.inTransaction) await this.runner.query('ROLLBACK');
      if (cause instanceof InvariantError) throw cause;
      throw new DependencyError(
        'LEDGER_WRITE',
        `Ledger cannot be written: ${messageOf(cause)}. Free disk space or repair the disk.`,
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
      first.camera === camera && (first.seq === null || seq === null || first.seq === seq) && sameBoot(first, arrival);
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

  async note(event: LedgerEvent): Promise<void> {
    await this.insert(['event', ulid(), event.camera, null, null, null, JSON.stringify(event)]);
  }

  /** A person's word beside the machine's, which is read in the same commit. */
  async override(call: OverrideCall): Promise<OverrideOutcome> {
    const { kind, id } = call.of;
    const override = kind === 'frame' ? await this.overrideOfFrame(id, call) : await this.overrideOfPart(id, call);
    if (override === null) return { kind: 'unknown' };
    const last = (await this.overridesWhere('"frameId" = ?', id)).at(-1);
    if (last !== undefined && isSameWord(last, override)) return { kind: 'known', override: last };
    await this.insert(['override', id, override.camera, null, null, null, JSON.stringify(override)]);
    return { kind: 'new', override };
  }

  /** What people said of this frame, or of its part as a whole; oldest first. */
  async overridesOf(frameId: string): Promise<Override[]> {
    const ofFrame = await this.overridesWhere('"frameId" = ?', frameId);
    const partId = (await this.verdictOf(frameId))?.partId ?? null;
    const ofPart = partId === null ? [] : await this.overridesWhere(`json_extract("body", '$.partId') = ?`, partId);
    const wholes = ofPart.filter(({ inspection, frameIds }) => inspection !== null && frameIds.includes(frameId));
    return [...ofFrame, ...wholes].toSorted((a, b) => (a.overrideId < b.overrideId ? -1 : 1));
  }

  /** What holds until a person changes it, by name; empty names nothing. */
  async settings(): Promise<Record<string, string>> {
    const rows = (await this.runner.query(`SELECT "name", "value" FROM "setting"`)) as Record<
      'name' | 'value',
      string
    >[];
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
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

  /** Accepted frames without a verdict: what a crash left behind. */
  openFrames(): Promise<Arrival[]> {
    return this.openOf<Arrival>('accepted', 'closed');
  }

  /** Parts without a verdict. */
  openParts(): Promise<PartArrival[]> {
    return this.openOf<PartArrival>('part-opened', 'part');
  }

  private async openOf<Begun>(begun: LedgerKind, ended: LedgerKind): Promise<Begun[]> {
    const rows = (await this.runner.query(
      `SELECT "body" FROM "ledger" AS "a" WHERE "a"."kind" = '${begun}'
        AND "a"."row" > (SELECT COALESCE(MAX("row"), 0) FROM "ledger" WHERE "kind" = 'boot')
        AND NOT EXISTS (SELECT 1 FROM "ledger" AS "c" WHERE "c"."kind" = '${ended}' AND "c"."frameId" = "a"."frameId")
        ORDER BY "row"`,
    )) as Pick<LedgerRow, 'body'>[];
    return rows.map(({ body }) => JSON.parse(body) as Begun);
  }

  /** Everything before this row is closed: the next start looks for open frames only after it. */
  async markBoot(bootId: string): Promise<void> {
    await this.insert(['boot', bootId, null, null, null, null, '{}']);
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
  async readAfter({ row, limit }: { row: number; limit: number }): Promise<RecordRow[]> {
    const rows = (await this.runner.query(
      `SELECT "row", "body" FROM "ledger" WHERE "row" > ? AND ("kind" IN ('closed', 'override')
        OR ("kind" = 'overtaken' AND "camera" IS NOT NULL)) ORDER BY "row" LIMIT ?`,
      [row, limit],
    )) as Pick<LedgerRow, 'row' | 'body'>[];
    return rows.map((found) => ({ row: found.row, record: JSON.parse(found.body) as Verdict | Override }));
  }

  async cursor(reader: string): Promise<number> {
    const found = await this.source.getRepository(LedgerCursorEntity).findOneBy({ reader });
    return found?.row ?? 0;
  }

  async setCursor({ reader, row }: { reader: string; row: number }): Promise<void> {
    await this.runner.query(
      `INSERT INTO "cursor" VALUES (?, ?) ON CONFLICT ("reader") DO UPDATE SET "row" = excluded."row"`,
      [reader, row],
    );
  }

  async verdictOf(frameId: string): Promise<Verdict | null> {
    const [found] = (await this.runner.query(`SELECT "body" FROM "ledger" WHERE "kind" = 'closed' AND "frameId" = ?`, [
      frameId,
    ])) as Pick<LedgerRow, 'body'>[];
    return found === undefined ? null : (JSON.parse(found.body) as Verdict);
  }

  async pictureOf(frameId: string): Promise<string | null> {
    const [found] = (await this.runner.query(
      `SELECT "picture" FROM "ledger" WHERE "kind" = 'closed' AND "frameId" = ?`,
      [frameId],
    )) as Pick<LedgerRow, 'picture'>[];
    return found?.picture ?? null;
  }

  /** Pictures that were kept, after a row, oldest first. */
  keptPictures({ row, limit }: { row: number; limit: number }): Promise<KeptPicture[]> {
    return this.runner.query(`${KEPT} "row" > ? AND "picture" IS NOT NULL ORDER BY "row" LIMIT ?`, [row, limit]);
  }

  /** Other frames with the same picture. */
  othersOfPicture({ picture, row }: { picture: string; row: number }): Promise<KeptPicture[]> {
    return this.runner.query(`${KEPT} "picture" = ? AND "row" <> ? LIMIT 100`, [picture, row]);
  }

  async stop(): Promise<void> {
    await this.source.destroy();
  }

  private async insert(values: readonly (string | number | null)[]): Promise<boolean> {
    const rows = (await this.runner.query(INSERT, [...values])) as unknown[];
    return rows.length === 1;
  }

  private async overrideOfFrame(frameId: string, call: OverrideCall): Promise<Override | null> {
    const verdict = await this.verdictOf(frameId);
    return verdict === null ? null : overrideFrame(verdict, call);
  }

  private async overrideOfPart(inspection: string, call: OverrideCall): Promise<Override | null> {
    const [found] = (await this.runner.query(`SELECT "body" FROM "ledger" WHERE "kind" = 'part' AND "frameId" = ?`, [
      inspection,
    ])) as Pick<LedgerRow, 'body'>[];
    return found === undefined ? null : overridePart(JSON.parse(found.body) as PartVerdict, call);
  }

  private async overridesWhere(isWanted: string, value: string): Promise<Override[]> {
    const rows = (await this.runner.query(
      `SELECT "body" FROM "ledger" WHERE "kind" = 'override' AND ${isWanted} ORDER BY "row"`,
      [value],
    )) as Pick<LedgerRow, 'body'>[];
    return rows.map(({ body }) => JSON.parse(body) as Override);
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

function opened(handle: SqliteHandle | null): SqliteHandle {
  if (handle === null) throw new InvariantError('TypeORM opened the ledger without handing over the database.');
  return handle;
}
