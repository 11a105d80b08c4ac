import type { Alert, LiveCamera, LiveDelta, LiveSnapshot, PartVerdict, Verdict, ViewPlace } from '#contracts';
import { dropOldest } from '../drop-oldest.js';
import { keyOf } from '../state/alarms.js';
import { CameraBoard, type CameraSetup, type CameraUpdate } from './live-camera.js';
import { PartsBoard } from './live-parts.js';
import { Trend } from './trend.js';

export type { CameraSetup, CameraUpdate } from './live-camera.js';

export interface BoardOptions {
  readonly inspectorId: string;
  readonly bootId: string;
  readonly station: string;
  /** Frames come from the simulator: the page says so and shows the simulated stream. */
  readonly simulated: boolean;
  /** It only looks on; the page says so. */
  readonly shadow: boolean;
  readonly cameras: readonly CameraSetup[];
  /** Views of every part where the gate acts on parts: the page speaks of those. Null where it acts on the cameras' verdicts. */
  readonly views: readonly ViewPlace[] | null;
  /** Start of the inspector. */
  readonly startedAt: Date;
  readonly limits?: Partial<BoardLimits>;
}

/** How much the board remembers; nothing in it grows with the line's running time. */
export interface BoardLimits {
  readonly recent: number;
  readonly rejects: number;
  /** Verdicts waiting for the next delta. */
  readonly pending: number;
  /** One shift. */
  readonly trendMinutes: number;
  readonly trendBuckets: number;
}

const LIMITS: BoardLimits = {
  recent: 200,
  rejects: 100,
  pending: 100,
  trendMinutes: 480,
  trendBuckets: 20_000,
};

/**
 * The live state of one inspector as its pages show it. Memory only: no clock, no I/O, bounded. The line tells it
 * what happened (`show…`), the gateway asks it what to send (`snapshot`, `takeDelta`).
 */
export class LiveBoard {
  private readonly limits: BoardLimits;
  private readonly cameras: Map<string, CameraBoard>;
  private readonly parts: PartsBoard | null;
  private readonly trend: Trend;
  private readonly recent = new Map<string, Verdict>();
  private readonly rejects = new Map<string, Verdict>();
  private pending: Verdict[] = [];
  private readonly changedCameras = new Set<string>();
  /** One a code and camera: as many as there can be, none is ever left out. */
  private readonly alerts = new Map<string, Alert>();
  private alertsChanged = false;
  private brokerConnected = false;
  private brokerChanged = false;
  private omitted = 0;
  private sequence = 0;
  private ignoredNews = 0;

  constructor(private readonly options: BoardOptions) {
    this.limits = { ...LIMITS, ...options.limits };
    this.parts = options.views === null ? null : new PartsBoard(options.views, this.limits);
    this.trend = new Trend({ minutes: this.limits.trendMinutes, maxBuckets: this.limits.trendBuckets });
    const inspector = {
      inspectorId: options.inspectorId,
      bootId: options.bootId,
      ts: options.startedAt.toISOString(),
    };
    this.cameras = new Map(options.cameras.map((setup) => [setup.camera, new CameraBoard(setup, inspector)]));
  }

  /** A frame got its one verdict. A verdict shown again (QoS 1 duplicate) changes nothing. */
  showVerdict(verdict: Verdict): void {
    if (this.recent.has(verdict.frameId)) return;
    const isFirst = this.known(verdict.camera)?.add(verdict);
    if (isFirst === undefined) return;
    this.trend.add(verdict, isFirst);
    push(this.recent, verdict, this.limits.recent);
    if (verdict.verdict !== 'PASS') push(this.rejects, verdict, this.limits.rejects);
    this.pending.push(verdict);
    if (this.pending.length > this.limits.pending) this.omitOne();
  }

  /** A part of several views got its one verdict. */
  showPart(part: PartVerdict): void {
    if (this.parts === null) return;
    const isFirst = this.parts.add(part);
    this.trend.add({ ...part, camera: null, ts: { received: part.ts.first, decided: part.ts.decided } }, isFirst);
  }

  /**
   * Rejects of earlier runs, oldest first, before those of this one; nothing is counted. Pages that were quicker than the
   * plant database miss a delta, and ask for everything again.
   */
  restore({ verdicts, parts }: { verdicts: readonly Verdict[]; parts: readonly PartVerdict[] }): void {
    const own = [...this.rejects.values()];
    this.rejects.clear();
    for (const verdict of [...verdicts, ...own]) push(this.rejects, verdict, this.limits.rejects);
    this.parts?.restore(parts);
    this.sequence += 1;
  }

  /** The encoded picture of a frame just decided: kept until the next one. The bytes must not be written to again. */
  showFrame(camera: string, frameId: string, bytes: Uint8Array): void {
    this.known(camera)?.pictures.show(frameId, bytes);
  }

  /** State, queue, counters of a camera; what is left out stays as it was. */
  showCamera(update: CameraUpdate): void {
    this.known(update.camera)?.update(update);
  }

  showBroker(isConnected: boolean): void {
    if (this.brokerConnected === isConnected) return;
    this.brokerConnected = isConnected;
    this.brokerChanged = true;
  }

  /** An alert began or (`active: false`) ended; it leaves when it is over and somebody has seen it. News of one keeps its place. */
  showAlert(alert: Alert): void {
    const key = keyOf(alert);
    if (alert.active || !alert.acknowledged) this.alerts.set(key, alert);
    else this.alerts.delete(key);
    this.alertsChanged = true;
  }

  /** The picture of a frame shown a moment ago, as it came from the camera; null when it is no longer here. */
  picture(frameId: string): Uint8Array | null {
    for (const camera of this.cameras.values()) {
      const bytes = camera.pictures.find(frameId);
      if (bytes !== null) return bytes;
    }
    return null;
  }

  /** True when the next delta would say more than the time. */
  hasChanges(): boolean {
    const { changedCameras, alertsChanged, brokerChanged, parts } = this;
    return changedCameras.size > 0 || alertsChanged || brokerChanged || parts?.hasNews === true;
  }

  /** Everything, for a page that has nothing. What waits for the next delta is in it already; deltas repeat it. */
  snapshot(now: Date): LiveSnapshot {
    const { inspectorId, bootId, station, simulated, shadow } = this.options;
    return {
      schema: 'lineside.live/1',
      sequence: this.sequence,
      inspectorId,
      bootId,
      station,
      startedTs: this.options.startedAt.toISOString(),
      now: now.toISOString(),
      brokerConnected: this.brokerConnected,
      simulated,
      shadow,
      cameras: [...this.cameras.values()].map((camera) => camera.announce()),
      parts: this.parts?.announce() ?? null,
      recent: [...this.recent.values()],
      rejects: [...this.rejects.values()],
      trend: this.trend.all(),
      alerts: [...this.alerts.values()],
    };
  }

  /** What changed since the last delta, numbered one higher than it. The same delta goes to every page. */
  takeDelta(now: Date): LiveDelta {
    this.sequence += 1;
    const delta: LiveDelta = {
      sequence: this.sequence,
      now: now.toISOString(),
      brokerConnected: this.brokerConnected,
      cameras: this.takeCameras(),
      parts: this.parts?.takeNews() ?? null,
      trend: this.trend.takeChanged(),
      verdicts: this.pending,
      omitted: this.omitted,
      alerts: this.alertsChanged ? [...this.alerts.values()] : null,
    };
    this.pending = [];
    this.omitted = 0;
    this.alertsChanged = false;
    this.brokerChanged = false;
    return delta;
  }

  /** News of cameras that are not configured, e.g. frames of a removed camera closed at start. */
  get ignored(): number {
    return this.ignoredNews;
  }

  private takeCameras(): LiveCamera[] {
    const changed: LiveCamera[] = [];
    for (const name of this.changedCameras) {
      const camera = this.cameras.get(name);
      if (camera !== undefined) changed.push(camera.announce());
    }
    this.changedCameras.clear();
    return changed;
  }

  /** The camera, marked as changed. The page must never stop the line: an unknown one is counted, not thrown. */
  private known(name: string): CameraBoard | undefined {
    const camera = this.cameras.get(name);
    if (camera === undefined) this.ignoredNews += 1;
    else this.changedCameras.add(name);
    return camera;
  }

  /** Rejects are what people look for: passes go first. */
  private omitOne(): void {
    const pass = this.pending.findIndex(({ verdict }) => verdict === 'PASS');
    this.pending.splice(Math.max(0, pass), 1);
    this.omitted += 1;
  }
}

/** Keep so many, the newest. */
function push(list: Map<string, Verdict>, verdict: Verdict, limit: number): void {
  list.set(verdict.frameId, verdict);
  dropOldest(list, limit);
}
