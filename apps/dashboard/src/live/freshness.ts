import type { LiveCamera, Verdict } from '#contracts';
import type { LiveState } from './live-state.js';

/** The line contract: a stale banner within 3 s. Deltas come at least once a second, so two may be lost. */
export const STALE_AFTER_MS = 2_500;
/** A camera whose last real inference is older shows no colour: the line may stand, or nothing is inspected. */
export const IDLE_AFTER_MS = 10_000;

/** Age of the page's data, ms; null when it never had any. */
export function dataAgeMs(state: LiveState, nowMs: number): number | null {
  return state.heardAtMs === null ? null : Math.max(0, nowMs - state.heardAtMs);
}

/** True when nothing on the page may be believed any more. */
export function isStale(state: LiveState, nowMs: number): boolean {
  const ageMs = dataAgeMs(state, nowMs);
  return ageMs === null || ageMs > STALE_AFTER_MS;
}

/** The inspector's clock now, carried on with this page's monotonic one; null before the first snapshot. */
export function serverNowMs(state: LiveState, nowMs: number): number | null {
  if (state.heardAtMs === null || state.serverTimeMs === null) return null;
  return state.serverTimeMs + (nowMs - state.heardAtMs);
}

/** Milliseconds since a moment on the inspector's clock; null when it never was. */
export function ageMs(ts: string | null, serverMs: number | null): number | null {
  return ts === null || serverMs === null ? null : Math.max(0, serverMs - Date.parse(ts));
}

/**
 * How a camera stands. `running` alone may be green: the page is live, the camera READY, and a model looked at a frame
 * a moment ago. `idle`: READY and waiting. `unknown`: the page itself hears nothing.
 */
export type CameraCondition = 'running' | 'idle' | 'not-ready' | 'unknown';

export function cameraCondition(
  camera: LiveCamera,
  view: { isStale: boolean; serverMs: number | null },
): CameraCondition {
  if (view.isStale) return 'unknown';
  if (camera.state.state !== 'READY') return 'not-ready';
  const inferenceAgeMs = ageMs(camera.lastInferenceTs, view.serverMs);
  return inferenceAgeMs !== null && inferenceAgeMs <= IDLE_AFTER_MS ? 'running' : 'idle';
}

/**
 * A verdict's colour is believed only while the verdict is of this moment; green also needs a model that looks. Rejects
 * do not: frames that cannot even be decoded must be seen.
 */
export function isVerdictFresh(verdict: Verdict, condition: CameraCondition, serverMs: number | null): boolean {
  const age = ageMs(verdict.ts.decided, serverMs);
  const isBelieved = condition === 'running' || (condition === 'idle' && verdict.verdict !== 'PASS');
  return isBelieved && age !== null && age <= IDLE_AFTER_MS;
}
