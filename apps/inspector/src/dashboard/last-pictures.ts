interface Kept {
  readonly frameId: string;
  readonly bytes: Uint8Array;
}

/**
 * The last picture of one camera, and those a page was just told about: at line speed the newest picture is replaced
 * many times before a browser can ask for the one it was shown.
 */
export class LastPictures {
  private newest: Kept | null = null;
  private announced: Kept[] = [];

  constructor(private readonly limits: { pictures: number; bytes: number }) {}

  /** Keep these bytes as the newest; the caller must not write to them again. */
  show(frameId: string, bytes: Uint8Array): void {
    this.newest = { frameId, bytes };
  }

  /** Remember the newest picture as told to the pages. @returns its frame, null when there is none yet */
  announce(): string | null {
    if (this.newest === null) return null;
    if (this.announced.at(-1) !== this.newest) this.announced.push(this.newest);
    while (this.announced.length > 1 && (this.announced.length > this.limits.pictures || this.isTooHeavy())) {
      this.announced.shift();
    }
    return this.newest.frameId;
  }

  find(frameId: string): Uint8Array | null {
    if (this.newest?.frameId === frameId) return this.newest.bytes;
    return this.announced.find((kept) => kept.frameId === frameId)?.bytes ?? null;
  }

  private isTooHeavy(): boolean {
    return this.announced.reduce((sum, kept) => sum + kept.bytes.byteLength, 0) > this.limits.bytes;
  }
}
