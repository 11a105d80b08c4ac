import { originOf, type PartVerdict } from '#contracts';
import type { Counters } from './counters.js';

/** Count a part of several views as the gate heard of it. */
export function tallyPart(part: PartVerdict, counters: Counters): void {
  const { verdict, reason, late, views } = part;
  counters.count('part_verdicts', { verdict, reason });
  if (late) counters.count('parts_late', {});
  for (const view of views) if (view.verdict === null) counters.count('views_missing', { camera: view.camera });
  const origin = originOf(part);
  if (origin !== 'line') counters.count('parts_apart', { origin, verdict });
}
