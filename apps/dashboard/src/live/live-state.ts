import type { Alert, LiveCamera, LiveDelta, LiveParts, LiveSnapshot, MinuteBucket, Verdict } from '#contracts';

/** As many as the inspector remembers. */
const RECENT = 200;
const REJECTS = 100;
const TREND_MS = 480 * 60_000;

/** `foreign`: connected, and the inspector speaks another version than this page. */
export type Link = 'connecting' | 'connected' | 'disconnected' | 'refused' | 'foreign';

/** What the inspector told us, all of it; ages are reckoned with its clock, never with this computer's. */
export interface LiveData {
  readonly inspectorId: string;
  readonly bootId: string;
  readonly station: string;
  readonly startedTs: string;
  readonly simulated: boolean;
  readonly shadow: boolean;
  readonly brokerConnected: boolean;
  readonly cameras: readonly LiveCamera[];
  /** Null where the gate acts on the cameras' own verdicts. */
  readonly parts: LiveParts | null;
  readonly recent: readonly Verdict[];
  readonly rejects: readonly Verdict[];
  readonly trend: ReadonlyMap<string, MinuteBucket>;
  readonly alerts: readonly Alert[];
}

export interface LiveState {
  readonly link: Link;
  /** Number of the last delta in `data`; null before the first snapshot. */
  readonly sequence: number | null;
  /** A delta is missing: until the new snapshot comes, later deltas are of no use. */
  readonly isWaitingForSnapshot: boolean;
  /** When `data` was last brought up to date: monotonic ms of this page, and the inspector's clock then. */
  readonly heardAtMs: number | null;
  readonly serverTimeMs: number | null;
  readonly data: LiveData | null;
  readonly resyncs: number;
  /** How often the page found the inspector: what could not be had before may be asked for again. */
  readonly connects: number;
}

export type LiveEvent =
  | { readonly type: 'link'; readonly link: Link }
  | { readonly type: 'snapshot'; readonly snapshot: LiveSnapshot; readonly atMs: number }
  | { readonly type: 'delta'; readonly delta: LiveDelta; readonly atMs: number }
  | { readonly type: 'unreadable' };

export const INITIAL_STATE: LiveState = {
  link: 'connecting',
  sequence: null,
  isWaitingForSnapshot: true,
  heardAtMs: null,
  serverTimeMs: null,
  data: null,
  resyncs: 0,
  connects: 0,
};

/**
 * The page's live state after one event. A delta out of order changes nothing: one already known is dropped, after a
 * hole the page waits for a snapshot (`isWaitingForSnapshot`), and the clock of its last good news stands still.
 */
export function reduceLive(state: LiveState, event: LiveEvent): LiveState {
  switch (event.type) {
    case 'link':
      return {
        ...state,
        link: event.link,
        connects: state.connects + (event.link === 'connected' ? 1 : 0),
        isWaitingForSnapshot: state.isWaitingForSnapshot || event.link !== 'connected',
      };
    case 'snapshot':
      return takeSnapshot(state, event.snapshot, event.atMs);
    case 'delta':
      return takeDelta(state, event.delta, event.atMs);
    case 'unreadable':
      return askAgain(state);
  }
}

function takeSnapshot(state: LiveState, snapshot: LiveSnapshot, atMs: number): LiveState {
  const { sequence, now, trend, schema: _schema, ...rest } = snapshot;
  return {
    ...state,
    link: 'connected',
    sequence,
    isWaitingForSnapshot: false,
    heardAtMs: atMs,
    serverTimeMs: Date.parse(now),
    data: { ...rest, trend: new Map(trend.map((bucket) => [bucketKey(bucket), bucket])) },
  };
}

function takeDelta(state: LiveState, delta: LiveDelta, atMs: number): LiveState {
  const { data, sequence } = state;
  if (data === null || sequence === null || state.isWaitingForSnapshot || delta.sequence <= sequence) return state;
  if (delta.sequence !== sequence + 1) return askAgain(state);
  const fresh = withoutKnown(delta.verdicts, data.recent);
  const rejects = fresh.filter(({ verdict }) => verdict !== 'PASS');
  return {
    ...state,
    sequence: delta.sequence,
    heardAtMs: atMs,
    serverTimeMs: Date.parse(delta.now),
    data: {
      ...data,
      brokerConnected: delta.brokerConnected,
      cameras: delta.cameras.length === 0 ? data.cameras : replaceCameras(data.cameras, delta.cameras),
      parts: mergeParts(data.parts, delta.parts),
      recent: append(data.recent, fresh, RECENT),
      rejects: append(data.rejects, rejects, REJECTS),
      trend: mergeTrend(data.trend, delta.trend),
      alerts: delta.alerts ?? data.alerts,
    },
  };
}

function askAgain(state: LiveState): LiveState {
  return { ...state, isWaitingForSnapshot: true, resyncs: state.resyncs + 1 };
}

/** A snapshot holds what waited for the next delta: that delta repeats it. */
function withoutKnown(verdicts: readonly Verdict[], recent: readonly Verdict[]): readonly Verdict[] {
  if (verdicts.length === 0) return verdicts;
  const known = new Set(recent.map(({ frameId }) => frameId));
  return verdicts.filter(({ frameId }) => !known.has(frameId));
}

function append<T, List extends readonly T[]>(list: List, more: readonly T[], limit: number): List | T[] {
  return more.length === 0 ? list : [...list, ...more].slice(-limit);
}

function replaceCameras(cameras: readonly LiveCamera[], changed: readonly LiveCamera[]): readonly LiveCamera[] {
  const byName = new Map(changed.map((camera) => [camera.camera, camera]));
  return cameras.map((camera) => byName.get(camera.camera) ?? camera);
}

/** Figures as they stand now. A snapshot has the parts already that wait for the next delta: that delta repeats them. */
function mergeParts(parts: LiveParts | null, changed: LiveParts | null): LiveParts | null {
  if (parts === null || changed === null) return parts;
  const merge = (list: 'recent' | 'rejects', limit: number): LiveParts['recent'] => {
    const known = new Set(parts[list].map(({ inspection }) => inspection));
    const fresh = changed[list].filter(({ inspection }) => !known.has(inspection));
    return append(parts[list], fresh, limit);
  };
  return { ...changed, recent: merge('recent', RECENT), rejects: merge('rejects', REJECTS) };
}

function mergeTrend(
  trend: ReadonlyMap<string, MinuteBucket>,
  changed: readonly MinuteBucket[],
): ReadonlyMap<string, MinuteBucket> {
  if (changed.length === 0) return trend;
  const merged = new Map(trend);
  for (const bucket of changed) merged.set(bucketKey(bucket), bucket);
  const newestMs = Math.max(...changed.map(({ minute }) => Date.parse(minute)));
  // Oldest first, but for frames that came late.
  for (const [key, { minute }] of merged) {
    if (Date.parse(minute) > newestMs - TREND_MS) break;
    merged.delete(key);
  }
  return merged;
}

function bucketKey({ minute, camera, origin }: MinuteBucket): string {
  return `${minute} ${camera ?? ''} ${origin}`;
}
