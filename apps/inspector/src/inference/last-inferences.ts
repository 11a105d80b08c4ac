/** A clock that is so far behind where it should be was set back, ms; less is its rate being put right. */
const SET_BACK_MS = 1_000;

interface Moment {
  /** Monotonic ms. */
  readonly at: number;
  /** Since 1970. */
  readonly clockMs: number;
}

/**
 * When a model last really looked at a frame of each camera. Never fresher than it is: where the clock was set back since,
 * that moment is told by the clock as it is set now, or a camera that stands still would seem to run until it has caught up.
 */
export class LastInferences {
  private readonly moments = new Map<string, Moment>();

  note(camera: string): void {
    this.moments.set(camera, { at: performance.now(), clockMs: Date.now() });
  }

  /** RFC 3339; null before the first. */
  tsOf(camera: string): string | null {
    const moment = this.moments.get(camera);
    if (moment === undefined) return null;
    const { at, clockMs } = moment;
    const nowMs = Date.now() - (performance.now() - at);
    if (nowMs > clockMs - SET_BACK_MS) return new Date(clockMs).toISOString();
    this.moments.set(camera, { at, clockMs: nowMs });
    return new Date(nowMs).toISOString();
  }
}
