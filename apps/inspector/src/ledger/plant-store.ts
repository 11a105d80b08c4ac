import { createHash } from 'node:crypto';
import {
  And,
  DataSource,
  type DataSourceOptions,
  type EntityManager,
  type EntitySchema,
  In,
  LessThan,
  LessThanOrEqual,
  MoreThanOrEqual,
  type ObjectLiteral,
  Raw,
} from 'typeorm';
import {
  DependencyError,
  messageOf,
  type Override,
  type PartVerdict,
  Verdict,
  type VerdictPage,
  type VerdictQuery,
} from '#contracts';
import { Plant1700000000001 } from './migrations/0001-plant.js';
import { Parts1700000000002 } from './migrations/0002-parts.js';
import { PlantOverrides1700000000003 } from './migrations/0003-plant-overrides.js';
import { PlantCursor1700000000004 } from './migrations/0004-plant-cursor.js';
import {
  type PlantCursor,
  PlantCursorEntity,
  type PlantFrame,
  PlantFrameEntity,
  type PlantGap,
  PlantGapEntity,
  type PlantOverride,
  PlantOverrideEntity,
  type PlantPart,
  PlantPartEntity,
} from './plant.entity.js';
import type { Arrival, SpokenOf } from './rows.js';

/** Where the plant database is: a SQLite file of this box or the plant's PostgreSQL. */
export type PlantPlace =
  | { readonly type: 'better-sqlite3'; readonly file: string }
  /** With its password. */
  | { readonly type: 'postgres'; readonly url: string };

export interface PlantOptions {
  readonly inspectorId: string;
  readonly ledgerFile: string;
  readonly place: PlantPlace;
}

/**
 * A ledger row on its way: a closed frame, a part's verdict, what the gate heard instead of either, a person's word, or
 * an accepted frame that showed a hole in the sequence.
 */
interface LedgerLine {
  readonly row: number;
  readonly kind: 'accepted' | 'closed' | 'part' | 'overtaken' | 'override';
  readonly picture: string | null;
  readonly body: string;
}

/** How far the ledger was brought over. */
export interface Forwarded {
  /** Ledger rows that are still to come. */
  readonly behind: number;
  /** Where a ledger that was put back made it begin anew: the row it had come to in the other one. */
  readonly anewFrom: number | null;
}

/** Rows brought over in one transaction. */
const ROWS_AT_ONCE = 500;
/** Every number of rows makes a statement of its own; a hundred prepared ones, TypeORM's default, hold some 80 MB. */
const MOST_STATEMENTS = 10;
/** A PostgreSQL that takes connections and says nothing, or holds a lock, is away after this long, ms. */
const CONNECT_MS = 5_000;
const ANSWER_MS = 10_000;

/**
 * The plant database and the way into it from the ledger. Rows and cursor are written in one transaction and a row that
 * is already there is left alone, so a crash at any moment neither loses nor doubles a record. Lives in its own thread.
 */
export class PlantStore {
  private constructor(
    private readonly options: PlantOptions,
    private readonly ledger: DataSource,
    private readonly ledgerId: string,
    private readonly plant: DataSource,
  ) {}

  /** @throws DependencyError PLANT_OPEN; PostgreSQL that is away is tried again by the next call instead */
  static async open(options: PlantOptions): Promise<PlantStore> {
    const plant = new DataSource(sourceOf(options.place));
    const ledger = new DataSource({ type: 'better-sqlite3', database: options.ledgerFile, readonly: true });
    try {
      await ledger.initialize();
      const [identity] = (await ledger.query('SELECT "id" FROM "identity"')) as { id: string }[];
      if (options.place.type === 'better-sqlite3') await plant.initialize();
      return new PlantStore(options, ledger, identity?.id ?? 'unknown', plant);
    } catch (cause) {
      throw unreachable('PLANT_OPEN', cause);
    }
  }

  /** Bring the next rows over. @throws DependencyError PLANT_WRITE */
  async forward(): Promise<Forwarded> {
    try {
      if (!this.plant.isInitialized) await this.plant.initialize();
      const cursor = await this.plant.getRepository(PlantCursorEntity).findOneBy({ ledgerId: this.ledgerId });
      const isAnew = cursor !== null && !(await this.hasRowOf(cursor));
      const lines = await this.read(isAnew ? 0 : (cursor?.row ?? 0));
      const last = lines.at(-1);
      if (last === undefined) return { behind: 0, anewFrom: null };
      await this.write(lines, { ledgerId: this.ledgerId, row: last.row, fingerprint: fingerprintOf(last) });
      return { behind: await this.behind(last.row), anewFrom: isAnew ? cursor.row : null };
    } catch (cause) {
      await this.giveUp();
      throw unreachable('PLANT_WRITE', cause);
    }
  }

  /** Rows and cursor in one transaction. What fails is not rolled back: its connection is given up instead. */
  private async write(lines: readonly LedgerLine[], cursor: PlantCursor): Promise<void> {
    const runner = this.plant.createQueryRunner();
    const { manager } = runner;
    const insert = <T extends ObjectLiteral>(entity: EntitySchema<T>, rows: T[]) =>
      rows.length === 0
        ? null
        : manager.createQueryBuilder().insert().into(entity).values(rows.map(withoutNul)).orIgnore().execute();
    await runner.startTransaction();
    await insert(
      PlantFrameEntity,
      lines.flatMap((line) => this.frameOf(line)),
    );
    await insert(
      PlantGapEntity,
      lines.flatMap((line) => this.gapOf(line)),
    );
    await insert(
      PlantPartEntity,
      lines.flatMap((line) => this.partOf(line)),
    );
    await insert(
      PlantOverrideEntity,
      lines.flatMap((line) => this.overrideOf(line)),
    );
    // After what was recorded, which may stand in the same lines.
    for (const { kind, body } of lines) if (kind === 'overtaken') await this.overtake(manager, body);
    await manager.getRepository(PlantCursorEntity).upsert(cursor, ['ledgerId']);
    await runner.commitTransaction();
    await runner.release();
  }

  /**
   * Begin with a fresh connection next time. A SQLite that refuses may have ended its transaction by itself, while
   * TypeORM counts on: its next one would be a savepoint that is never committed. A PostgreSQL that does not answer
   * would not answer to a ROLLBACK either, and whatever came next on that connection would wait behind it.
   */
  private async giveUp(): Promise<void> {
    if (this.plant.isInitialized) await this.plant.destroy().catch(() => undefined);
  }

  /** Verdicts newest first; those of one moment in the order of their frames' ids. @throws DependencyError PLANT_READ */
  async search({ camera, partId, lot, verdict, from, before, beforeFrame, limit }: VerdictQuery): Promise<VerdictPage> {
    try {
      if (!this.plant.isInitialized) await this.plant.initialize();
      const times = [
        ...(from ? [MoreThanOrEqual(from)] : []),
        ...(before ? [beforeFrame ? LessThanOrEqual(before) : LessThan(before)] : []),
      ];
      const found = await this.plant.getRepository(PlantFrameEntity).find({
        select: { body: true },
        where: {
          ...(camera && { camera }),
          ...(verdict && { verdict: verdict === 'REJECT' ? In(['FAIL', 'INCONCLUSIVE']) : verdict }),
          ...(partId && { partId }),
          ...(lot && { lot }),
          ...(times.length > 0 && { decidedTs: And(...times) }),
          ...(beforeFrame && {
            frameId: Raw((frame) => `("decidedTs" < :before OR ${frame} < :beforeFrame)`, { before, beforeFrame }),
          }),
        },
        order: { decidedTs: 'DESC', frameId: 'DESC' },
        take: limit + 1,
      });
      const verdicts = found.slice(0, limit).map(({ body }) => Verdict.parse(JSON.parse(body)));
      return { verdicts, more: found.length > limit };
    } catch (cause) {
      await this.giveUp();
      throw unreachable('PLANT_READ', cause);
    }
  }

  /** The newest record of a part: its inspection where it has several views, else its frame. @throws DependencyError PLANT_READ */
  async newestOf(partId: string): Promise<SpokenOf | null> {
    try {
      if (!this.plant.isInitialized) await this.plant.initialize();
      const wanted = {
        where: { inspectorId: this.options.inspectorId, partId },
        order: { decidedTs: 'DESC' },
      } as const;
      const part = await this.plant.getRepository(PlantPartEntity).findOne(wanted);
      if (part !== null) return { kind: 'part', id: part.inspection };
      const frame = await this.plant.getRepository(PlantFrameEntity).findOne(wanted);
      return frame === null ? null : { kind: 'frame', id: frame.frameId };
    } catch (cause) {
      await this.giveUp();
      throw unreachable('PLANT_READ', cause);
    }
  }

  async stop(): Promise<void> {
    await this.ledger.destroy();
    if (this.plant.isInitialized) await this.plant.destroy();
  }

  /** False where the ledger was put back from an older copy: its rows end before the cursor's, or are others there. */
  private async hasRowOf({ row, fingerprint }: PlantCursor): Promise<boolean> {
    const [line] = (await this.ledger.query('SELECT "body" FROM "ledger" WHERE "row" = ?', [row])) as LedgerLine[];
    return line !== undefined && (fingerprint === null || fingerprint === fingerprintOf(line));
  }

  private async read(from: number): Promise<LedgerLine[]> {
    return this.ledger.query(
      `SELECT "row", "kind", "picture", "body" FROM "ledger" WHERE "row" > ? AND
        ("kind" IN ('closed', 'part', 'overtaken', 'override') OR ("kind" = 'accepted' AND json_extract("body", '$.missing') IS NOT NULL))
        ORDER BY "row" LIMIT ${ROWS_AT_ONCE}`,
      [from],
    );
  }

  private async behind(row: number): Promise<number> {
    const [newest] = (await this.ledger.query(`SELECT MAX("row") AS "row" FROM "ledger"`)) as { row: number | null }[];
    const next = await this.ledger.query(
      `SELECT 1 FROM "ledger" WHERE "row" > ? AND "kind" IN ('closed', 'part', 'overtaken', 'override') LIMIT 1`,
      [row],
    );
    return (next as unknown[]).length === 0 ? 0 : (newest?.row ?? row) - row;
  }

  private frameOf({ kind, row, picture, body }: LedgerLine): PlantFrame[] {
    if (kind !== 'closed') return [];
    const verdict = JSON.parse(body) as Verdict;
    const { ts, late, simulated, challenge, historical } = verdict;
    return [
      {
        inspectorId: this.options.inspectorId,
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

  /** The plant counts what the gate did. */
  private async overtake(manager: EntityManager, body: string): Promise<void> {
    const { inspectorId } = this.options;
    const heard = JSON.parse(body) as Verdict | PartVerdict;
    const { verdict, reason, defectClass } = heard;
    const said = { verdict, reason, defectClass, body };
    if (heard.schema === 'vision.part/1') {
      await manager.update(PlantPartEntity, { inspectorId, inspection: heard.inspection }, said);
    } else {
      await manager.update(PlantFrameEntity, { inspectorId, frameId: heard.frameId }, { ...said, isLate: true });
    }
  }

  private partOf({ kind, row, body }: LedgerLine): PlantPart[] {
    if (kind !== 'part') return [];
    const { inspection, partId, lot, verdict, reason, defectClass, score, ts, historical } = JSON.parse(
      body,
    ) as PartVerdict;
    const { inspectorId } = this.options;
    const said = { partId, lot, verdict, reason, defectClass, score, decidedTs: ts.decided, isHistorical: historical };
    return [{ inspectorId, inspection, ledgerRow: row, ...said, body }];
  }

  private overrideOf({ kind, row, body }: LedgerLine): PlantOverride[] {
    if (kind !== 'override') return [];
    const { overrideId, camera, frameId, inspection, partId, lot, disposition, trueLabel, remark, by, ts, machine } =
      JSON.parse(body) as Override;
    const { verdict, reason, defectClass, modelId } = machine;
    return [
      {
        inspectorId: this.options.inspectorId,
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

  private gapOf({ kind, body }: LedgerLine): PlantGap[] {
    if (kind !== 'accepted') return [];
    const { frameId, camera, cameraBootId, missing, receivedTs } = JSON.parse(body) as Arrival;
    if (missing === null) return [];
    const [firstSeq, lastSeq] = missing;
    const { inspectorId } = this.options;
    return [{ inspectorId, frameId, camera, cameraBootId, firstSeq, lastSeq, seenTs: receivedTs }];
  }
}

/** PostgreSQL takes no NUL, and one row that it refuses would hold up all later ones. The ledger has it as it came. */
function withoutNul<T extends ObjectLiteral>(row: T): T {
  const columns = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value,
  ]);
  return Object.fromEntries(columns) as T;
}

function sourceOf(place: PlantPlace): DataSourceOptions {
  const schema = {
    entities: [PlantFrameEntity, PlantGapEntity, PlantPartEntity, PlantOverrideEntity, PlantCursorEntity],
    migrations: [Plant1700000000001, Parts1700000000002, PlantOverrides1700000000003, PlantCursor1700000000004],
    migrationsRun: true,
  };
  if (place.type === 'better-sqlite3') {
    const { type, file: database } = place;
    return { ...schema, type, database, enableWAL: true, statementCacheSize: MOST_STATEMENTS };
  }
  const { type, url } = place;
  const patience = { query_timeout: ANSWER_MS, statement_timeout: ANSWER_MS, keepAlive: true };
  return { ...schema, type, url, connectTimeoutMS: CONNECT_MS, extra: patience };
}

/** Bodies hold times, frames and boots: no two are alike. */
function fingerprintOf({ body }: Pick<LedgerLine, 'body'>): string {
  return createHash('sha256').update(body).digest('hex');
}

function unreachable(code: string, cause: unknown): DependencyError {
  if (cause instanceof DependencyError) return cause;
  return new DependencyError(
    code,
    `Plant database cannot be used: ${messageOf(cause)}. Verdicts go on; records wait in the ledger.`,
    { cause },
  );
}
