import type { Override, PartVerdict, Verdict } from '#contracts';
import type { OverrideCall } from './rows.js';

/** A person's word on a frame, with what the machine said of it. */
export function overrideFrame(verdict: Verdict, call: OverrideCall): Override {
  const { frameId, camera, partId, lot, reason, defectClass, score, model, ts } = verdict;
  const machine = { verdict: verdict.verdict, reason, defectClass, score, modelId: model?.id ?? null };
  return {
    ...saidIn(call),
    frameId,
    inspection: null,
    frameIds: [frameId],
    camera,
    partId,
    lot,
    machine: { ...machine, decidedTs: ts.decided },
  };
}

/**
 * A person's word on a part of several views; its camera is that of the first view that was seen. Null where the part
 * names no camera: the word would have no topic to be told on.
 */
export function overridePart(part: PartVerdict, call: OverrideCall): Override | null {
  const { inspection, partId, lot, views, reason, defectClass, score, ts } = part;
  const { camera } = views.find(({ frameId }) => frameId !== null) ?? views[0] ?? {};
  if (camera === undefined) return null;
  const machine = { verdict: part.verdict, reason, defectClass, score, modelId: null };
  return {
    ...saidIn(call),
    frameId: null,
    inspection,
    frameIds: framesOf(part),
    camera,
    partId,
    lot,
    machine: { ...machine, decidedTs: ts.decided },
  };
}

/** The frames of a part that came, in the order of its views. */
export function framesOf({ views }: PartVerdict): string[] {
  return views.flatMap(({ frameId }) => (frameId === null ? [] : [frameId]));
}

/** A command may be delivered twice, and people press a button twice: the same word again is no second record. */
export function isSameWord(last: Override, next: Override): boolean {
  return (['by', 'disposition', 'trueLabel', 'remark'] as const).every((word) => last[word] === next[word]);
}

function saidIn({ words, overrideId, inspectorId, bootId, ts }: OverrideCall) {
  return { schema: 'vision.override/1' as const, ...words, overrideId, inspectorId, bootId, ts };
}
