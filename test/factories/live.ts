import type { Alert, CameraState, PartVerdict, Verdict, ViewPlace } from '#contracts';
import { type BoardLimits, LiveBoard } from '../../apps/inspector/src/dashboard/live-board.js';

/** 2 May 2026, 08:00:00.000 UTC: the moment from which factories count. */
export const START_MS = Date.parse('2026-05-02T08:00:00.000Z');

/** RFC 3339 time so many milliseconds after the factories' start. */
export function at(ms: number): string {
  return new Date(START_MS + ms).toISOString();
}

let made = 0;

/** A plausible verdict, PASS by default; `atMs` after the factories' start. */
export function makeVerdict(overrides: Partial<Verdict> & { atMs?: number } = {}): Verdict {
  const { atMs = 0, ...rest } = overrides;
  made += 1;
  const decision = rest.verdict ?? 'PASS';
  const score = decision === 'PASS' ? 0.04 : decision === 'FAIL' ? 0.93 : 0.58;
  return {
    schema: 'vision.verdict/1',
    frameId: `frame-${made}`,
    identity: 'given',
    camera: 'cam1',
    bootId: 'boot1',
    seq: made,
    partId: `SN${made}`,
    view: null,
    lot: 'L42',
    recipe: 'chip',
    verdict: decision,
    reason: decision === 'INCONCLUSIVE' ? 'GREY_ZONE' : 'MODEL',
    defectClass: decision === 'PASS' ? null : 'crack',
    score,
    scores: { good: 1 - score, crack: score },
    threshold: 0.62,
    greyZone: [0.55, 0.62],
    model: { id: 'chip-1', cardSha256: 'a'.repeat(64) },
    ts: { capture: at(atMs), received: at(atMs), decided: at(atMs + 20) },
    validUntil: at(atMs + 500),
    clockSync: 'none',
    latencyMs: { accept: 1, queue: 3, decode: 4, infer: 6, record: 2 },
    deadlineMs: 500,
    late: false,
    simulated: false,
    challenge: false,
    historical: false,
    recorded: true,
    ...rest,
  };
}

/** Of every part the factories make. */
export const VIEWS: readonly ViewPlace[] = [
  { view: 'top', camera: 'cam1' },
  { view: 'side', camera: 'cam2' },
];

/** A part of the views top (cam1) and side (cam2), PASS by default; its first view came `atMs` after the factories' start. */
export function makePartVerdict(overrides: Partial<PartVerdict> & { atMs?: number } = {}): PartVerdict {
  const { atMs = 0, ...rest } = overrides;
  made += 1;
  const verdict = rest.verdict ?? 'PASS';
  const reason = rest.reason ?? 'MODEL';
  return {
    schema: 'vision.part/1',
    inspection: `part-${made}`,
    partId: `SN${made}`,
    lot: 'L42',
    bootId: 'boot1',
    verdict,
    reason,
    defectClass: verdict === 'FAIL' ? 'crack' : null,
    score: 0.04,
    views: [
      { view: 'top', camera: 'cam1', frameId: `frame-${made}-top`, verdict, reason },
      { view: 'side', camera: 'cam2', frameId: `frame-${made}-side`, verdict: 'PASS', reason: 'MODEL' },
    ],
    ts: { first: at(atMs), decided: at(atMs + 60) },
    validUntil: at(atMs + 1_000),
    deadlineMs: 1_000,
    late: false,
    simulated: false,
    challenge: false,
    historical: false,
    recorded: true,
    ...rest,
  };
}

/** A part of which no frame from the top came. */
export function makePartWithoutTop(overrides: Partial<PartVerdict> & { atMs?: number } = {}): PartVerdict {
  const part = makePartVerdict({ verdict: 'INCONCLUSIVE', reason: 'MISSING_VIEW', ...overrides });
  const missing = { view: 'top', camera: 'cam1', frameId: null, verdict: null, reason: null };
  return { ...part, views: [missing, ...part.views.slice(1)] };
}

/** A camera's state, READY by default. */
export function makeCameraState(overrides: Partial<CameraState> = {}): CameraState {
  return {
    schema: 'vision.state/1',
    camera: 'cam1',
    state: 'READY',
    reason: null,
    detail: null,
    inspectorId: 'inspector1',
    bootId: 'boot1',
    model: 'chip-1',
    recipe: 'chip',
    ts: at(0),
    ...overrides,
  };
}

/** An alarm that is on at cam1. */
export function makeAlert(overrides: Partial<Alert> = {}): Alert {
  return {
    schema: 'vision.alert/1',
    code: 'REJECT_RATE',
    message: 'More than 20 % of the last 200 parts were FAIL or INCONCLUSIVE.',
    camera: 'cam1',
    inspectorId: 'inspector1',
    bootId: 'boot1',
    active: true,
    owner: 'Shift lead',
    acknowledged: null,
    ts: at(0),
    ...overrides,
  };
}

/** A board of two cameras that starts at the factories' start. */
export function makeBoard({
  hasParts = false,
  ...limits
}: Partial<BoardLimits> & { hasParts?: boolean } = {}): LiveBoard {
  return new LiveBoard({
    inspectorId: 'inspector1',
    bootId: 'boot1',
    station: 'acme/north/assembly/line1/st10',
    simulated: false,
    shadow: false,
    startedAt: new Date(START_MS),
    cameras: ['cam1', 'cam2'].map((camera) => ({ camera, recipe: 'chip', roi: null, deadlineMs: 500 })),
    views: hasParts ? VIEWS : null,
    limits,
  });
}
