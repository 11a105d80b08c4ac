import type { PartVerdict, Verdict } from '#contracts';
import type { Counters } from '../health/counters.js';
import type { PictureStore } from '../ledger/pictures.js';

export interface ViewPicturesOptions {
  /** Of all pictures held at once. */
  readonly maxBytes: number;
  readonly pictures: Pick<PictureStore, 'keepLater'>;
  readonly counters: Counters;
}

interface Held {
  readonly verdict: Verdict;
  readonly bytes: Uint8Array;
}

/**
 * Pictures of views that passed, in memory until their part has its verdict: whoever looks into a part that was rejected
 * sees all of its views. Where they take too much room the longest waiting part's go back to the sample of the passes.
 */
export class ViewPictures {
  /** By inspection, the oldest first. */
  private readonly held = new Map<string, Held[]>();
  private heldBytes = 0;

  constructor(private readonly options: ViewPicturesOptions) {}

  /** @param verdict on the view, as the gate heard it. @param bytes that nobody writes to again */
  hold(inspection: string, verdict: Verdict, bytes: Uint8Array): void {
    if (verdict.verdict !== 'PASS') return;
    const { maxBytes, counters } = this.options;
    this.held.set(inspection, [...(this.held.get(inspection) ?? []), { verdict, bytes }]);
    this.heldBytes += bytes.byteLength;
    for (const oldest of this.held.keys()) {
      if (this.heldBytes <= maxBytes) return;
      for (const dropped of this.take(oldest))
        counters.count('view_pictures_dropped', { camera: dropped.verdict.camera });
    }
  }

  /** The part has its verdict. One that the ledger refused keeps nothing. @param part as the gate heard it */
  settle(part: PartVerdict): void {
    const held = this.take(part.inspection);
    if (part.verdict === 'PASS' || !part.recorded) return;
    for (const { verdict, bytes } of held) void this.options.pictures.keepLater(verdict, bytes);
  }

  private take(inspection: string): Held[] {
    const taken = this.held.get(inspection) ?? [];
    this.held.delete(inspection);
    this.heldBytes -= taken.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    return taken;
  }
}
