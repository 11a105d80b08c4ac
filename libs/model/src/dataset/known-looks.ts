import type { Seen } from './look.js';
import type { Sample } from './sample.js';
import type { Twins } from './twins.js';

/** What pictures look like that were seen before, by the hash of their bytes. */
export interface KnownLooks {
  find(sha256: string): Promise<Seen | undefined>;
  add(sha256: string, seen: Seen): void;
  /**
   * Which of these pictures show one thing, as an earlier search among the same ones in the same order found, or this one.
   * @param pictures all that a search goes by
   */
  twinsAmong(
    pictures: readonly Pick<Sample, 'sha256' | 'split' | 'label'>[],
    search: () => Promise<Twins[]>,
  ): Promise<readonly Twins[]>;
}
