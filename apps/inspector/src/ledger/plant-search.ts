import { And, type DataSource, In, LessThan, LessThanOrEqual, MoreThanOrEqual, Raw } from 'typeorm';
import { Verdict, type VerdictPage, type VerdictQuery } from '#contracts';
import { PlantFrameEntity, PlantPartEntity } from './plant.entity.js';
import type { SpokenOf } from './rows.js';

/** Verdicts newest first; those of one moment in the order of their frames' ids. */
export async function searchVerdicts(
  plant: DataSource,
  { camera, partId, lot, verdict, from, before, beforeFrame, limit }: VerdictQuery,
): Promise<VerdictPage> {
  const times = [
    ...(from ? [MoreThanOrEqual(from)] : []),
    ...(before ? [beforeFrame ? LessThanOrEqual(before) : LessThan(before)] : []),
  ];
  const found = await plant.getRepository(PlantFrameEntity).find({
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
}

/** The newest record of a part: its inspection where it has several views, else its frame. */
export async function findNewest(
  plant: DataSource,
  { inspectorId, partId }: { inspectorId: string; partId: string },
): Promise<SpokenOf | null> {
  const wanted = { where: { inspectorId, partId }, order: { decidedTs: 'DESC' } } as const;
  const part = await plant.getRepository(PlantPartEntity).findOne(wanted);
  if (part !== null) return { kind: 'part', id: part.inspection };
  const frame = await plant.getRepository(PlantFrameEntity).findOne(wanted);
  return frame === null ? null : { kind: 'frame', id: frame.frameId };
}
