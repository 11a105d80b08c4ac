import { originOf, type Verdict } from '#contracts';
import type { CameraFigures } from './camera-figures.js';
import type { Counters } from './counters.js';

export interface Tallies {
  readonly counters: Counters;
  readonly figures: CameraFigures;
}

/** Count a closed frame. @param latencyMs from its arrival to its verdict on the way to the gate */
export function tallyVerdict(verdict: Verdict, latencyMs: number, { counters, figures }: Tallies): void {
  const { camera, reason } = verdict;
  figures.close(latencyMs);
  if (reason === 'OVERLOAD') figures.overloads += 1;
  counters.observeLatency(camera, latencyMs);
  counters.observeStations(verdict.latencyMs);
  counters.count('verdicts', { camera, verdict: verdict.verdict, reason });
  if (verdict.late) counters.count('verdicts_late', { camera });
  const origin = originOf(verdict);
  if (origin !== 'line') counters.count('verdicts_apart', { camera, origin, verdict: verdict.verdict });
}
