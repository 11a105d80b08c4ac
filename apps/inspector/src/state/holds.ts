import type { Frame, NotReadyReason } from '#contracts';
import type { Problem } from '../inference/lineup.js';
import { type Refused, refuse } from '../inference/outcome.js';

export type HoldReason = Extract<NotReadyReason, 'CHANGEOVER' | 'CHALLENGE'>;

/** Cameras that people took off the line for a while, and why. A camera may be held for more than one reason. */
export class Holds {
  private readonly byCamera = new Map<string, Map<HoldReason, string>>();

  /** @param onChange tells the line; resolves when every gate was told */
  constructor(private readonly onChange: () => Promise<void>) {}

  async set(camera: string, reason: HoldReason, detail: string): Promise<void> {
    const held = this.byCamera.get(camera) ?? new Map<HoldReason, string>();
    this.byCamera.set(camera, held.set(reason, detail));
    await this.onChange();
  }

  /** @returns false when it was not held for this reason */
  async clear(camera: string, reason: HoldReason): Promise<boolean> {
    const wasHeld = this.byCamera.get(camera)?.delete(reason) ?? false;
    if (wasHeld) await this.onChange();
    return wasHeld;
  }

  /** A held camera passes nothing, whatever its model says; a locked one still looks at challenge parts. Null = go on. */
  refuse({ camera, challenge }: Pick<Frame, 'camera' | 'challenge'>): Refused | null {
    const hold = this.of(camera);
    if (hold === null || (hold.reason === 'CHALLENGE' && challenge)) return null;
    return refuse(hold.reason === 'CHALLENGE' ? 'CHALLENGE' : 'NO_RECIPE', hold.detail);
  }

  /** Why the camera is held, of several reasons the first; null when it is not. */
  of(camera: string): (Problem & { readonly reason: HoldReason }) | null {
    for (const reason of ['CHANGEOVER', 'CHALLENGE'] as const) {
      const detail = this.detailOf(camera, reason);
      if (detail !== null) return { reason, detail };
    }
    return null;
  }

  /** What was said when it was held for this reason; null when it is not. */
  detailOf(camera: string, reason: HoldReason): string | null {
    return this.byCamera.get(camera)?.get(reason) ?? null;
  }
}
