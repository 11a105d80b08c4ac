import type { PartPage, PartQuery, Verdict, VerdictPage, VerdictQuery } from '#contracts';

/** What the page reads from disk. A class, so that it can stand as its own injection token. */
export abstract class PageRecords {
  /** Encoded picture of a kept frame; null when it was not kept (passes are sampled) or is gone. */
  abstract findPicture(frameId: string): Promise<Uint8Array | null>;

  /** Verdicts on frames in the plant database, newest `ts.decided` first. */
  abstract search(query: VerdictQuery): Promise<VerdictPage>;

  /** Verdicts on parts of several views in the plant database, newest `ts.decided` first. */
  abstract searchParts(query: PartQuery): Promise<PartPage>;

  /** The verdicts on a part's frames in the order of its views, those that came; null where there is no such inspection. */
  abstract viewsOf(inspection: string): Promise<Verdict[] | null>;
}
