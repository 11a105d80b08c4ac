import type { LiveCamera } from '#contracts';
import { type CameraCondition, cameraCondition, isStale, serverNowMs } from './live/freshness.js';
import type { LiveState } from './live/live-state.js';
import { dayOf } from './live/words.js';

/** What every panel needs to know of this moment, reckoned once per tick. */
export interface View {
  readonly isStale: boolean;
  /** The inspector's clock, ms; null before the first snapshot. */
  readonly serverMs: number | null;
  /** The day of that clock, as `dayOf` gives it. */
  readonly today: string | null;
  readonly conditionOf: (camera: LiveCamera) => CameraCondition;
}

export function viewAt(state: LiveState, nowMs: number): View {
  const serverMs = serverNowMs(state, nowMs);
  const moment = { isStale: isStale(state, nowMs), serverMs, today: serverMs === null ? null : dayOf(serverMs) };
  return { ...moment, conditionOf: (camera) => cameraCondition(camera, moment) };
}
