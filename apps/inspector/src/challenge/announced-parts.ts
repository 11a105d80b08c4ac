import { z } from 'zod';
import type { Frame } from '#contracts';
import { onOurClock } from '../our-clock.js';

/** Announced challenge parts must be at the camera within this time, and so must all pictures of one after its first, ms. */
export const ANNOUNCED_MS = 60_000;

/** As the ledger keeps it: the time of the day, because the monotonic clock begins anew with the process. */
const Stored = z.object({
  parts: z.number(),
  untilMs: z.number(),
  taken: z.array(z.string()).default([]),
  takenUntilMs: z.number().default(0),
});
type Stored = z.infer<typeof Stored>;

/**
 * Challenge parts that a person announced at one camera: the next ones to come there, each with every picture that the
 * camera takes of it. A frame that names no part is one of its own.
 */
export class AnnouncedParts {
  /** Parts that are still to come. */
  private left: number;
  private readonly untilMs: number;
  /** Those that came, by name: their other pictures follow. */
  private readonly taken: Set<string>;
  private takenUntilMs: number;
  /** Monotonic ms; never longer than when it was announced, whatever the clock says. */
  private readonly until: number;
  private takenUntil: number;
  /** By frame its part. Marked, and not known yet whether the ledger takes them as new: cameras' frames may come on several connections. */
  private readonly marked = new Map<Frame, string | symbol>();

  private constructor({ parts, untilMs, taken, takenUntilMs }: Stored) {
    this.left = parts;
    this.untilMs = untilMs;
    this.taken = new Set(taken);
    this.takenUntilMs = takenUntilMs;
    this.until = onOurClock(untilMs, ANNOUNCED_MS);
    this.takenUntil = onOurClock(takenUntilMs, ANNOUNCED_MS);
  }

  /** @param before announced at this camera earlier: other pictures of what came may still follow */
  static announce(parts: number, before?: AnnouncedParts): AnnouncedParts {
    const { taken = [], takenUntilMs = 0 } = before?.isFollowed === true ? before.toStored() : {};
    return new AnnouncedParts({ parts, untilMs: Date.now() + ANNOUNCED_MS, taken, takenUntilMs });
  }

  static read(text: string): AnnouncedParts {
    return new AnnouncedParts(Stored.parse(JSON.parse(text)));
  }

  toStored(): Stored {
    const { left: parts, untilMs, taken, takenUntilMs } = this;
    return { parts, untilMs, taken: [...taken], takenUntilMs };
  }

  /** Nothing of it is to come any more. */
  get isOver(): boolean {
    return !this.isFollowed && (this.left === 0 || performance.now() > this.until);
  }

  /** The frame as what it is. To be released. */
  mark(frame: Frame): Frame {
    if (frame.challenge || !this.isAnnounced(frame.partId)) return frame;
    const marked = { ...frame, challenge: true };
    this.marked.set(marked, frame.partId ?? Symbol());
    return marked;
  }

  release(frame: Frame): void {
    this.marked.delete(frame);
  }

  /** A frame of a challenge part was accepted. @returns false where it is another picture of one that came before */
  take(partId: string | null): boolean {
    if (this.left === 0 || (partId !== null && this.taken.has(partId))) return false;
    this.left -= 1;
    if (partId !== null) {
      this.taken.add(partId);
      this.takenUntil = performance.now() + ANNOUNCED_MS;
      this.takenUntilMs = Date.now() + ANNOUNCED_MS;
    }
    return true;
  }

  private get isFollowed(): boolean {
    return this.taken.size > 0 && performance.now() <= this.takenUntil;
  }

  private isAnnounced(partId: string | null): boolean {
    const isTaken = (part: string | symbol): boolean => typeof part === 'string' && this.taken.has(part);
    if (partId !== null && isTaken(partId)) return this.isFollowed;
    const coming = new Set([...this.marked.values()].filter((part) => !isTaken(part)));
    if (partId !== null && coming.has(partId)) return true;
    return performance.now() <= this.until && coming.size < this.left;
  }
}
