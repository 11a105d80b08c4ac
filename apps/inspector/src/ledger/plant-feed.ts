import { createHash } from 'node:crypto';
import { type DataSource, type EntitySchema, Like, type ObjectLiteral } from 'typeorm';
import { DependencyError } from '#contracts';
import {
  type PlantCursor,
  PlantCursorEntity,
  PlantFrameEntity,
  PlantGapEntity,
  PlantOverrideEntity,
  PlantPartEntity,
} from './plant.entity.js';
import { assertNotNewer } from './plant-database.js';
import { type LedgerLine, PlantRows } from './plant-rows.js';
import type { SpokenOf } from './rows.js';

/** How far the ledger was brought over. */
export interface Forwarded {
  /** Ledger rows that are still to come. */
  readonly behind: number;
  /** Where a ledger that was put back made it begin anew: the row it had come to in the other one. */
  readonly anewFrom: number | null;
}

/** Rows brought over in one transaction: more and more where it takes long, which is to wait for some eight answers, however many rows. */
const ROWS_AT_ONCE = { least: 500, most: 4_000 } as const;
const LONG_MS = 1_000;
/** Values in one statement: of SQLite 32,766 (its limit), of PostgreSQL twice as many. */
const MOST_VALUES = 32_766;
/** What the gate heard instead of what was recorded of a frame or part. */
const HEARD = ['verdict', 'reason', 'defectClass', 'isLate', 'body'] as const;
/** Rows of the ledger that hold such a record. */
const KIND_OF = { frame: 'closed', part: 'part' } as const satisfies Record<SpokenOf['kind'], LedgerLine['kind']>;
/** Kinds of rows that are brought over, whatever is in them. */
const BROUGHT_OVER = `'closed', 'part', 'overtaken', 'picture', 'override'`;
/** Rows still to come that are looked through for one part: some 0.2 s, in which nothing is brought over. */
const MOST_TO_COME = 20_000;

/**
 * The way from the ledger into the plant database. Rows and cursor are written in one transaction and a row that is
 * already there is left alone, so a crash at any moment neither loses nor doubles a record.
 */
export class PlantFeed {
  /** How far the ledger was brought over when that was known last; null before. */
  private reached: number | null = null;
  private rowsAtOnce: number = ROWS_AT_ONCE.least;

  private constructor(
    private readonly rows: PlantRows,
    private readonly ledger: DataSource,
    private readonly ledgerId: string,
  ) {}

  /** @param ledger open for reading */
  static async open(inspectorId: string, ledger: DataSource): Promise<PlantFeed> {
    const [identity] = (await ledger.query('SELECT "id" FROM "identity"')) as { id: string }[];
    return new PlantFeed(new PlantRows(inspectorId), ledger, identity?.id ?? 'unknown');
  }

  /** Bring the next rows over. */
  async forward(plant: DataSource): Promise<Forwarded> {
    const startedAt = performance.now();
    const { least, most } = ROWS_AT_ONCE;
    const limit = this.rowsAtOnce;
    // What fails begins again with few.
    this.rowsAtOnce = least;
    const { from, anewFrom } = await this.beginning(plant);
    const lines = await this.read(from, limit);
    const last = lines.at(-1);
    if (last === undefined) return { behind: 0, anewFrom: null };
    await this.write(plant, lines, { ledgerId: this.cursorId, row: last.row, fingerprint: fingerprintOf(last) });
    this.reached = last.row;
    const tookLong = performance.now() - startedAt > LONG_MS;
    this.rowsAtOnce = tookLong ? Math.min(limit * 2, most) : Math.max(limit / 2, least);
    return { behind: await this.behind(last.row), anewFrom };
  }

  /** Rows still to come, also while the plant database is away; null where it was never reached. */
  async toCome(): Promise<number | null> {
    return this.reached === null ? null : this.behind(this.reached);
  }

  /**
   * The newest record of a part among those still to come: its inspection or its frame, null where none is.
   * @throws DependencyError PLANT_READ where too many are to come to look through them
   */
  async newestToCome(plant: DataSource, kind: SpokenOf['kind'], partId: string): Promise<string | null> {
    const { from } = await this.beginning(plant);
    const behind = await this.behind(from);
    if (behind > MOST_TO_COME) {
      throw new DependencyError(
        'PLANT_READ',
        `The plant database is ${behind} ledger rows behind: which inspection of part ${partId} is the newest cannot be told yet. Name its frame, or wait until it has caught up (lineside_plant_behind_rows).`,
      );
    }
    const [newest] = (await this.ledger.query(
      `SELECT "frameId" FROM "ledger" WHERE "row" > ? AND "kind" = ? AND json_extract("body", '$.partId') = ?
        ORDER BY "row" DESC LIMIT 1`,
      [from, KIND_OF[kind], partId],
    )) as { frameId: string }[];
    return newest?.frameId ?? null;
  }

  /** The newest of these records in this ledger, in its own order; null where it has none of them. */
  async newestAmong(kind: SpokenOf['kind'], ids: readonly string[]): Promise<string | null> {
    const [newest] = (await this.ledger.query(
      `SELECT "frameId" FROM "ledger" WHERE "kind" = '${KIND_OF[kind]}' AND
        "frameId" IN (SELECT "value" FROM json_each(?)) ORDER BY "row" DESC LIMIT 1`,
      [JSON.stringify(ids)],
    )) as { frameId: string }[];
    return newest?.frameId ?? null;
  }

  /** The row after which lines are to be brought over. */
  private async beginning(plant: DataSource): Promise<{ from: number; anewFrom: number | null }> {
    const cursor = await this.findCursor(plant);
    const isAnew = cursor !== null && !(await this.hasRowOf(cursor));
    const from = isAnew ? 0 : (cursor?.row ?? 0);
    this.reached = from;
    return { from, anewFrom: isAnew ? cursor.row : null };
  }

  /** This inspector's own; of one that has another name now the furthest of before that this ledger came to. */
  private async findCursor(plant: DataSource): Promise<PlantCursor | null> {
    const cursors = plant.getRepository(PlantCursorEntity);
    const own = await cursors.findOneBy({ ledgerId: this.cursorId });
    if (own !== null) return own;
    const others = await cursors.find({ where: { ledgerId: Like(`${this.ledgerId}%`) }, order: { row: 'DESC' } });
    for (const other of others) if (await this.hasRowOf(other)) return other;
    return null;
  }

  /** Copies of one ledger, as from one disk image, go on as two: each has a cursor under its inspector's name. */
  private get cursorId(): string {
    return `${this.ledgerId}/${this.rows.inspectorId}`;
  }

  /** Rows and cursor in one transaction. What fails is not rolled back: its connection is given up instead. */
  private async write(plant: DataSource, lines: readonly LedgerLine[], cursor: PlantCursor): Promise<void> {
    const { rows } = this;
    const runner = plant.createQueryRunner();
    const { manager } = runner;
    const insert = async <T extends ObjectLiteral>(
      entity: EntitySchema<T>,
      rowsOf: (line: LedgerLine) => T[],
      over?: readonly (keyof T & string)[],
    ): Promise<void> => {
      const values = lines.flatMap(rowsOf).map(withoutNul);
      const { columns, primaryColumns } = plant.getMetadata(entity);
      const most = Math.floor(MOST_VALUES / columns.length);
      for (let i = 0; i < values.length; i += most) {
        const some = manager
          .createQueryBuilder()
          .insert()
          .into(entity)
          .values(values.slice(i, i + most));
        const key = primaryColumns.map(({ propertyName }) => propertyName);
        await (over === undefined ? some.orIgnore() : some.orUpdate([...over], key)).execute();
      }
    };
    await runner.startTransaction();
    await insert(PlantFrameEntity, (line) => rows.frameOf(line));
    await insert(PlantGapEntity, (line) => rows.gapOf(line));
    await insert(PlantPartEntity, (line) => rows.partOf(line));
    await insert(PlantOverrideEntity, (line) => rows.overrideOf(line));
    // The plant counts what the gate did: over what was recorded, which may stand in the same lines.
    await insert(PlantFrameEntity, (line) => rows.heardFrameOf(line), HEARD);
    await insert(PlantPartEntity, (line) => rows.heardPartOf(line), HEARD);
    await insert(PlantFrameEntity, (line) => rows.keptLaterOf(line), ['picture']);
    await manager.getRepository(PlantCursorEntity).upsert(cursor, ['ledgerId']);
    await assertNotNewer(manager);
    await runner.commitTransaction();
    await runner.release();
  }

  /** False where the ledger was put back from an older copy: its rows end before the cursor's, or are others there. */
  private async hasRowOf({ row, fingerprint }: PlantCursor): Promise<boolean> {
    const [line] = (await this.ledger.query('SELECT "body" FROM "ledger" WHERE "row" = ?', [row])) as LedgerLine[];
    return line !== undefined && (fingerprint === null || fingerprint === fingerprintOf(line));
  }

  private async read(from: number, limit: number): Promise<LedgerLine[]> {
    return this.ledger.query(
      `SELECT "row", "kind", "picture", "body" FROM "ledger" WHERE "row" > ? AND
        ("kind" IN (${BROUGHT_OVER}) OR ("kind" = 'accepted' AND json_extract("body", '$.missing') IS NOT NULL))
        ORDER BY "row" LIMIT ?`,
      [from, limit],
    );
  }

  private async behind(row: number): Promise<number> {
    const [newest] = (await this.ledger.query(`SELECT MAX("row") AS "row" FROM "ledger"`)) as { row: number | null }[];
    const next = await this.ledger.query(
      `SELECT 1 FROM "ledger" WHERE "row" > ? AND "kind" IN (${BROUGHT_OVER}) LIMIT 1`,
      [row],
    );
    return (next as unknown[]).length === 0 ? 0 : (newest?.row ?? row) - row;
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

/** Bodies hold times, frames and boots: no two are alike. */
function fingerprintOf({ body }: Pick<LedgerLine, 'body'>): string {
  return createHash('sha256').update(body).digest('hex');
}
