import { And, type DataSource, In, LessThan, LessThanOrEqual, MoreThanOrEqual, Raw } from 'typeorm';
import { type Decision, Verdict, type VerdictPage, type VerdictQuery } from '#contracts';
import { PlantFrameEntity, PlantPartEntity } from './plant.entity.js';
import type { SpokenOf } from './rows.js';

const WORDS: Record<NonNullable<VerdictQuery['verdict']> | 'ALL', readonly Decision[]> = {
  PASS: ['PASS'],
  FAIL: ['FAIL'],
  INCONCLUSIVE: ['INCONCLUSIVE'],
  REJECT: ['FAIL', 'INCONCLUSIVE'],
  ALL: ['PASS', 'FAIL', 'INCONCLUSIVE'],
};
const NEWEST_FIRST = { decidedTs: 'DESC', frameId: 'DESC' } as const;

/**
 * Verdicts of one inspector newest first; those of one moment in the order of their frames' ids. Others may write into
 * the same database, a shadow among them, whose verdicts on the same frames are not the line's.
 */
export async function searchVerdicts(
  plant: DataSource,
  { inspectorId, query }: { inspectorId: string; query: VerdictQuery },
): Promise<VerdictPage> {
  const { camera, partId, lot, verdict = 'ALL', from, before, beforeFrame, limit } = query;
  const frames = plant.getRepository(PlantFrameEntity);
  const times = [
    ...(from ? [MoreThanOrEqual(from)] : []),
    ...(before ? [beforeFrame ? LessThanOrEqual(before) : LessThan(before)] : []),
  ];
  const wanted = {
    inspectorId,
    ...(camera && { camera }),
    ...(partId && { partId }),
    ...(lot && { lot }),
    ...(times.length > 0 && { decidedTs: And(...times) }),
    ...(beforeFrame && {
      frameId: Raw((frame) => `("decidedTs" < :before OR ${frame} < :beforeFrame)`, { before, beforeFrame }),
    }),
  };
  const order = NEWEST_FIRST;
  const take = limit + 1;
  // Each word has its newest at one end of an index; of several words together all rows would have to be sorted.
  const newest: string[] = [];
  for (const word of WORDS[verdict]) {
    const some = await frames.find({ select: { frameId: true }, where: { ...wanted, verdict: word }, order, take });
    newest.push(...some.map(({ frameId }) => frameId));
  }
  const found = await frames.find({ select: { body: true }, where: { inspectorId, frameId: In(newest) }, order, take });
  const verdicts = found.slice(0, limit).map(({ body }) => Verdict.parse(JSON.parse(body)));
  return { verdicts, more: found.length > limit };
}

/** The newest record of a part, as an inspection of several views or as one frame; null where there is none. */
export async function findNewest(
  plant: DataSource,
  { inspectorId, kind, partId }: { inspectorId: string; kind: SpokenOf['kind']; partId: string },
): Promise<string | null> {
  const wanted = { where: { inspectorId, partId }, order: { decidedTs: 'DESC' } } as const;
  if (kind === 'part') return (await plant.getRepository(PlantPartEntity).findOne(wanted))?.inspection ?? null;
  return (await plant.getRepository(PlantFrameEntity).findOne(wanted))?.frameId ?? null;
}
