import type { CameraClaim, InspectorState } from '#contracts';

/** Inspectors known to be there at most: anybody on the broker may say that one more is. A station has a few. */
const MOST_ONLINE = 1_000;

/** An inspector says this often that it is there, ms. */
export const ANNOUNCE_MS = 5_000;
/**
 * Of one that did not say so for this long there is only what the broker retains, ms: after a power cut, or where the broker
 * was put back to an earlier state, that speaks of a process which nobody's last will tells the end of.
 */
export const LIFE_MS = 4 * ANNOUNCE_MS;

/** One running inspector. */
export interface Holder {
  readonly inspectorId: string;
  readonly bootId: string;
}

interface Heard {
  readonly bootId: string;
  /** Monotonic ms. */
  readonly atMs: number;
}

/** Who inspects which camera, as the retained states of this station tell. Memory only. */
export class CameraClaims {
  /** By inspector. */
  private readonly online = new Map<string, Heard>();
  private readonly states = new Map<string, CameraClaim>();

  /** @param own `isOnlooker`: it decides nothing, so a camera may well be another's */
  constructor(private readonly own: Holder & { readonly isOnlooker?: boolean }) {}

  hearInspector({ inspectorId, bootId, state }: InspectorState): void {
    if (state === 'ONLINE') this.remember(inspectorId, bootId);
    else if (this.online.get(inspectorId)?.bootId === bootId) this.online.delete(inspectorId);
    // Who comes back asks again: by then another may have its cameras.
    if (state !== 'OFFLINE') return;
    for (const [camera, claim] of this.states) if (claim.bootId === bootId) this.states.delete(camera);
  }

  /** Connected anew: the broker tells again who is there. */
  forgetAll(): void {
    this.online.clear();
    this.states.clear();
  }

  hearCamera(state: CameraClaim): void {
    if (state.bootId !== this.own.bootId) this.states.set(state.camera, state);
  }

  /**
   * The other living inspector that has this camera; null when nobody has, or none that gave a sign of life lately. Between
   * two that both think so, the boot that began first keeps it (bootIds sort by time).
   */
  holderOf(camera: string, isOurs: boolean): Holder | null {
    const state = this.states.get(camera);
    if (this.own.isOnlooker || state === undefined || state.reason === 'CAMERA_TAKEN' || state.reason === 'STOPPING')
      return null;
    const { inspectorId, bootId } = state;
    if (this.livingBootOf(inspectorId) !== bootId) return null;
    if (isOurs && this.own.bootId < bootId) return null;
    return { inspectorId, bootId };
  }

  /** Of too many, the one heard of longest ago that has no camera and not our name is forgotten. */
  private remember(inspectorId: string, bootId: string): void {
    this.online.delete(inspectorId);
    this.online.set(inspectorId, { bootId, atMs: performance.now() });
    if (this.online.size <= MOST_ONLINE) return;
    const needed = new Set([this.own.inspectorId, ...[...this.states.values()].map((state) => state.inspectorId)]);
    for (const id of this.online.keys()) {
      if (needed.has(id)) continue;
      this.online.delete(id);
      return;
    }
  }

  /** True when another process runs under our own id. */
  isDoubled(): boolean {
    const bootId = this.livingBootOf(this.own.inspectorId);
    return bootId !== null && bootId !== this.own.bootId;
  }

  private livingBootOf(inspectorId: string): string | null {
    const heard = this.online.get(inspectorId);
    return heard !== undefined && performance.now() - heard.atMs < LIFE_MS ? heard.bootId : null;
  }
}
