import { And, type DataSource, In, LessThan, LessThanOrEqual, MoreThanOrEqual, type ObjectLiteral, Raw } from 'typeorm';
import {
  type Decision,
  type PartPage,
  type PartQuery,
  PartVerdict,
  Verdict,
  type VerdictPage,
  type VerdictQuery,
} from '#contracts';
import { PlantFrameEntity, PlantPartEntity } from './plant.entity.js';
import type { SpokenOf } from './rows.js';

const WORDS: Record<NonNullable<VerdictQuery['verdict']> | 'ALL', readonly Decision[]> = {
  PASS: ['PASS'],
  FAIL: ['FAIL'],
  INCONCLUSIVE: ['INCONCLUSIVE'],
  REJECT: ['FAIL', 'INCONCLUSIVE'],
  ALL: ['PASS', 'FAIL', 'INCONCLUSIVE'],
};

/** A table of verdicts, and the column that tells its rows apart. */
const FRAMES = { entity: PlantFrameEntity, id: 'frameId' } as const;
const PARTS = { entity: PlantPartEntity, id: 'inspection' } as const;

/** Verdicts of one inspector on frames, newest first; those of one moment in the order of their ids. */
export async function searchVerdicts(
  plant: DataSource,
  { inspectorId, query }: { inspectorId: string; query: VerdictQuery },
): Promise<VerdictPage> {
  const { camera, beforeFrame: beforeId, ...search } = query;
  const { bodies, more } = await findNewestRows(plant, FRAMES, { inspectorId, camera, beforeId, ...search });
  return { verdicts: bodies.map((body) => Verdict.parse(JSON.parse(body))), more };
}

/** Verdicts of one inspector on parts of several views, newest first; those of one moment in the order of their inspections. */
export async function searchParts(
  plant: DataSource,
  { inspectorId, query }: { inspectorId: string; query: PartQuery },
): Promise<PartPage> {
  const { beforeInspection: beforeId, ...search } = query;
  const { bodies, more } = await findNewestRows(plant, PARTS, { inspectorId, beforeId, ...search });
  return { parts: bodies.map((body) => PartVerdict.parse(JSON.parse(body))), more };
}

interface RowSearch extends Omit<PartQuery, 'beforeInspection'> {
  readonly inspectorId: string;
  readonly camera?: string | undefined;
  /** Of those decided at `before` the rows below this one. */
  readonly beforeId: string | undefined;
}

/**
 * One inspector's rows of a table. Others may write into the same database, a shadow among them, whose verdicts on the
 * same frames are not the line's.
 */
async function findNewestRows(
  plant: DataSource,
  { entity, id }: typeof FRAMES | typeof PARTS,
  { inspectorId, camera, partId, lot, verdict, from, before, beforeId, limit }: RowSearch,
): Promise<{ bodies: string[]; more: boolean }> {
  const rows = plant.getRepository<ObjectLiteral>(entity);
  const times = [
    ...(from ? [MoreThanOrEqual(from)] : []),
    ...(before ? [beforeId ? LessThanOrEqual(before) : LessThan(before)] : []),
  ];
  const wanted = {
    inspectorId,
    ...(camera && { camera }),
    ...(partId && { partId }),
    ...(lot && { lot }),
    ...(times.length > 0 && { decidedTs: And(...times) }),
    ...(beforeId && { [id]: Raw((name) => `("decidedTs" < :before OR ${name} < :beforeId)`, { before, beforeId }) }),
  };
  const order = { decidedTs: 'DESC', [id]: 'DESC' } as const;
  const take = limit + 1;
  // Each word has its newest at one end of an index; of several words together all rows would have to be sorted.
  const newest: string[] = [];
  for (const word of WORDS[verdict ?? 'ALL']) {
    const some = await rows.find({ select: { [id]: true }, where: { ...wanted, verdict: word }, order, take });
    newest.push(...some.map((row) => row[id]));
  }
  const found = await rows.find({ select: { body: true }, where: { inspectorId, [id]: In(newest) }, order, take });
  return { bodies: found.slice(0, limit).map(({ body }) => body), more: found.length > limit };
}

/** Records of one part at most that are looked through from either end of their order. */
const MOST_OF_PART = 100;

/**
 * Records of a part among which the newest is, as inspections of several views or as frames. The last ones by their rows:
 * a clock may have been set back since. And by their times: rows of a ledger that was put back, or begun anew, count
 * from below again. Which of them the ledger has, and in which order, it says itself.
 */
export async function findOfPart(
  plant: DataSource,
  { inspectorId, kind, partId }: { inspectorId: string; kind: SpokenOf['kind']; partId: string },
): Promise<string[]> {
  const { entity, id } = kind === 'part' ? PARTS : FRAMES;
  const rows = plant.getRepository<ObjectLiteral>(entity);
  const find = (column: 'ledgerRow' | 'decidedTs'): Promise<ObjectLiteral[]> =>
    rows.find({
      select: { [id]: true },
      where: { inspectorId, partId },
      order: { [column]: 'DESC' },
      take: MOST_OF_PART,
    });
  const found = [...(await find('ledgerRow')), ...(await find('decidedTs'))];
  return [...new Set(found.map((row) => String(row[id])))];
}
