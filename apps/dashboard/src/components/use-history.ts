import { useEffect, useMemo, useState } from 'react';
import { ask } from '../live/ask.js';
import { joinRecords, MOST_RECORDS, type ShownRecords } from '../live/joined-records.js';
import type { Kind } from '../live/kinds.js';

/** What tells the order of what is listed. */
export interface Recorded {
  readonly ts: { readonly decided: string };
}

export interface History<Item> {
  /** The live records, and below them what was loaded. Newest first. */
  readonly records: readonly Item[];
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  /** No more are kept on the page, though there may be older ones. */
  readonly isFull: boolean;
  readonly error: string | null;
  /** Fetch those before the last one. */
  readonly load: () => void;
}

interface Loaded<Item> {
  readonly query: string;
  /** Once somebody looked further back; null before. */
  readonly shown: ShownRecords<Item> | null;
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  readonly error: string | null;
}

/**
 * Live records and, page by page, older ones of this query from the plant database. Another query starts anew, and an
 * answer to the one before is dropped.
 */
export function useHistory<Item extends Recorded>(
  kind: Kind<Item>,
  query: string,
  live: readonly Item[],
): History<Item> {
  const { idOf } = kind;
  const [loaded, setLoaded] = useState<Loaded<Item>>(makeEmpty(query));
  const current = loaded.query === query ? loaded : makeEmpty<Item>(query);
  const { shown } = current;
  const records = useMemo(() => (shown === null ? live : joinRecords(live, shown, idOf)), [live, shown, idOf]);
  useEffect(() => {
    setLoaded((last) => {
      if (last.query !== query || last.shown === null) return last;
      if (last.shown.live === live && last.shown.all === records) return last;
      return { ...last, shown: { live, all: records }, hasMore: last.hasMore || records === live };
    });
  }, [query, records, live]);

  const load = async (): Promise<void> => {
    const last = records.at(-1);
    const lastId = last && idOf(last);
    setLoaded({ ...current, shown: { live, all: records }, isLoading: true, error: null });
    const page = await fetchPage(kind, query, last).catch((error: Error) => error);
    setLoaded((now) => {
      if (now.query !== query || now.shown === null) return now;
      if (page instanceof Error) return { ...now, isLoading: false, error: page.message };
      // The list began anew meanwhile: what comes after its former end does not belong to this one.
      const end = now.shown.all.at(-1);
      if ((end && idOf(end)) !== lastId) return { ...now, isLoading: false };
      const known = new Set(now.shown.all.map(idOf));
      const older = page.records.filter((record) => !known.has(idOf(record)));
      const all = [...now.shown.all, ...older].slice(0, MOST_RECORDS);
      return { query, shown: { ...now.shown, all }, isLoading: false, hasMore: page.more, error: null };
    });
  };
  const { isLoading, hasMore, error } = current;
  return { records, isLoading, hasMore, isFull: records.length >= MOST_RECORDS, error, load: () => void load() };
}

function makeEmpty<Item>(query: string): Loaded<Item> {
  return { query, shown: null, isLoading: false, hasMore: true, error: null };
}

/** @throws Error when the inspector does not answer, answers with an error or with something else than these records */
async function fetchPage<Item extends Recorded>(
  { path, before, idOf, read }: Kind<Item>,
  query: string,
  last: Item | undefined,
): Promise<ReturnType<Kind<Item>['read']>> {
  const params = new URLSearchParams(query);
  if (last !== undefined) {
    params.set('before', last.ts.decided);
    params.set(before, idOf(last));
  }
  return read(await ask(`${path}?${params}`));
}
