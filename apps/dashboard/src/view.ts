import type { LiveCamera } from '#contracts';
import { type CameraCondition, cameraCondition, isStale, serverNowMs } from './live/freshness.js';
import type { LiveState } from './live/live-state.js';

/** What every panel needs to know of this moment, reckoned once per tick. */
export interface View {
  readonly isStale: boolean;
  /** The inspector's clock, ms; null before the first snapshot. */
  readonly serverMs: number | null;
  readonly conditionOf: (camera: LiveCamera) => CameraCondition;
}

export function viewAt(state: LiveState, nowMs: number): View {
  const moment = { isStale: isStale(state, nowMs), serverMs: serverNowMs(state, nowMs) };
  return { ...moment, conditionOf: (camera) => cameraCondition(camera, moment) };
}
