import { dropOldest } from '../drop-oldest.js';

/** Part ids remembered to tell a first inspection from a repeated one (FPY). */
const REMEMBERED_PARTS = 10_000;

/** Which parts were inspected at one place, the last of them. */
export class FirstInspections {
  private readonly parts = new Set<string>();

  /** @returns true the first time; a part without an id is never known again */
  take(partId: string | null): boolean {
    if (partId === null) return true;
    if (this.parts.has(partId)) return false;
    this.parts.add(partId);
    dropOldest(this.parts, REMEMBERED_PARTS);
    return true;
  }
}
