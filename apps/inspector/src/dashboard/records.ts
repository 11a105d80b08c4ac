import type { VerdictPage, VerdictQuery } from '#contracts';

/** What the page reads from disk. A class, so that it can stand as its own injection token. */
export abstract class PageRecords {
  /** Encoded picture of a kept frame; null when it was not kept (passes are sampled) or is gone. */
  abstract findPicture(frameId: string): Promise<Uint8Array | null>;

  /** Verdicts in the plant database, newest `ts.decided` first. */
  abstract search(query: VerdictQuery): Promise<VerdictPage>;
}
