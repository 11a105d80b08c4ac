/** Records are kept on the page up to this many; older ones are for a search. */
export const MOST_RECORDS = 1_000;

/** A list that begins with the live records of a moment. */
export interface ShownRecords<Item> {
  readonly live: readonly Item[];
  readonly all: readonly Item[];
}

/**
 * What the page lists once someone looked further back than the live window: its records, then those it showed before, so
 * that none is lost that leaves the window. The same list where there is nothing new, and the live one alone where so
 * many came and went unseen that nothing of the window is left: a list with a hole would look complete. Newest first.
 */
export function joinRecords<Item>(
  live: readonly Item[],
  before: ShownRecords<Item>,
  idOf: (record: Item) => string,
): readonly Item[] {
  const known = new Set(before.all.map(idOf));
  const fresh = live.filter((record) => !known.has(idOf(record)));
  if (fresh.length === 0) return before.all;
  const isTorn = fresh.length === live.length && before.live.length > 0;
  return isTorn ? live : [...fresh, ...before.all].slice(0, MOST_RECORDS);
}
