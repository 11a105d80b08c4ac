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

/** The newest record of a part, as an inspection of several views or as one frame; null where there is none. */
export async function findNewest(
  plant: DataSource,
  { inspectorId, kind, partId }: { inspectorId: string; kind: SpokenOf['kind']; partId: string },
): Promise<string | null> {
  const wanted = { where: { inspectorId, partId }, order: { decidedTs: 'DESC', ledgerRow: 'DESC' } } as const;
  if (kind === 'part') return (await plant.getRepository(PlantPartEntity).findOne(wanted))?.inspection ?? null;
  return (await plant.getRepository(PlantFrameEntity).findOne(wanted))?.frameId ?? null;
}
