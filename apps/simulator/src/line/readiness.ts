import { CameraState, DependencyError, InspectorState, readJson } from '#contracts';
import { Changes } from './changes.js';

/** Silence after which every retained state has come. */
const RETAINED_MS = 200;

/**
 * Which inspector a gate may believe, from the retained states. A camera is READY only while the inspector it names is
 * ONLINE with the same bootId.
 */
export class Readiness {
  readonly #cameras = new Map<string, CameraState>();
  readonly #inspectors = new Map<string, InspectorState>();
  readonly #changes = new Changes();

  /** @param station whose states it is told, as a message names it */
  constructor(private readonly station: string) {}

  /** Take in a `{camera}/state` or `inspector/{id}/state` message; anything unreadable, as the nothing that clears a retained state, makes its sender not ready. */
  hear(topic: string, payload: Uint8Array): void {
    const json = readJson(Buffer.from(payload).toString('utf8'));
    const [owner, name] = topic.split('/').slice(-3, -1);
    if (owner === 'inspector' && name !== undefined) {
      store(this.#inspectors, name, InspectorState.safeParse(json).data);
    } else if (name !== undefined) {
      store(this.#cameras, name, CameraState.safeParse(json).data);
    }
    this.#changes.tell();
  }

  /** bootId of the inspector that is READY for this camera, or null. */
  readyBootId(camera: string): string | null {
    const state = this.#cameras.get(camera);
    if (state?.state !== 'READY' || state.camera !== camera) return null;
    const inspector = this.#inspectors.get(state.inspectorId);
    return inspector?.state === 'ONLINE' && inspector.bootId === state.bootId ? state.bootId : null;
  }

  /**
   * Wait until every camera is READY.
   * @throws DependencyError LINE_NOT_READY with each camera's state when that did not happen in time
   */
  async untilReady(cameras: readonly string[], timeoutMs: number): Promise<void> {
    if (await this.#changes.until(() => this.#areReady(cameras), { timeoutMs })) return;
    throw this.#notReady(cameras, timeoutMs);
  }

  /**
   * Find the cameras a prefix means, READY: the camera of exactly that name, else every camera whose name begins so.
   * @throws DependencyError LINE_NOT_READY
   */
  async findReady(prefix: string, timeoutMs: number): Promise<readonly string[]> {
    const matching = (): readonly string[] => {
      const names = [...this.#cameras.keys()].sort();
      return names.includes(prefix) ? [prefix] : names.filter((name) => name.startsWith(prefix));
    };
    const isFound = (): boolean => matching().length > 0 && this.#areReady(matching());
    const end = performance.now() + timeoutMs;
    while (await this.#changes.until(isFound, { timeoutMs: end - performance.now() })) {
      const found = matching();
      // Retained states come one by one after the subscription: whoever looks at the first would miss the rest.
      await this.#changes.until(() => false, { timeoutMs: RETAINED_MS, sinceChange: true });
      if (this.#areReady(found) && matching().length === found.length) return found;
    }
    throw this.#notReady(matching().length > 0 ? matching() : [prefix], timeoutMs);
  }

  #areReady(cameras: readonly string[]): boolean {
    return cameras.every((camera) => this.readyBootId(camera) !== null);
  }

  #notReady(cameras: readonly string[], timeoutMs: number): DependencyError {
    const words = cameras.map((camera) => `${camera}: ${this.#describe(camera)}`).join('; ');
    return new DependencyError(
      'LINE_NOT_READY',
      `Station ${this.station} was not READY within ${timeoutMs / 1000} s (${words}). Check --station and the cameras’ names, and that an inspector runs there with a promoted model.`,
    );
  }

  #describe(camera: string): string {
    const state = this.#cameras.get(camera);
    if (state === undefined) return 'no inspector has published its state';
    if (state.state === 'NOT_READY') {
      return `NOT_READY(${state.reason ?? 'no reason'})${state.detail === null ? '' : ` ${state.detail}`}`;
    }
    return this.readyBootId(camera) === null ? `its inspector ${state.inspectorId} is not ONLINE` : 'READY';
  }
}

function store<T>(map: Map<string, T>, name: string, value: T | undefined): void {
  if (value === undefined) map.delete(name);
  else map.set(name, value);
}
