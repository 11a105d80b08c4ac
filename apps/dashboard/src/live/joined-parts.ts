import type { Verdict } from '#contracts';

/** Parts are kept on the page up to this many; older ones are for a search. */
export const MOST_PARTS = 1_000;

/** A list that begins with the live parts of a moment. */
export interface ShownParts {
  readonly live: readonly Verdict[];
  readonly all: readonly Verdict[];
}

/**
 * What the page lists once someone looked further back than the live window: its parts, then those it showed before, so
 * that none is lost that leaves the window. The same list where there is nothing new, and the live one alone where so
 * many came and went unseen that nothing of the window is left: a list with a hole would look complete. Newest first.
 */
export function joinParts(live: readonly Verdict[], before: ShownParts): readonly Verdict[] {
  const known = new Set(before.all.map(({ frameId }) => frameId));
  const fresh = live.filter(({ frameId }) => !known.has(frameId));
  if (fresh.length === 0) return before.all;
  const isTorn = fresh.length === live.length && before.live.length > 0;
  return isTorn ? live : [...fresh, ...before.all].slice(0, MOST_PARTS);
}
