import { useEffect, useMemo, useState } from 'react';
import { VerdictPage } from '#contracts/live';
import type { Verdict } from '#contracts/verdict';
import { ask } from '../live/ask.js';
import { joinParts, MOST_PARTS, type ShownParts } from '../live/joined-parts.js';

export interface History {
  /** The live parts, and below them what was loaded. Newest first. */
  readonly parts: readonly Verdict[];
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  /** No more are kept on the page, though there may be older ones. */
  readonly isFull: boolean;
  readonly error: string | null;
  /** Fetch those before the last part. */
  readonly load: () => void;
}

interface Loaded {
  readonly query: string;
  /** Once somebody looked further back; null before. */
  readonly shown: ShownParts | null;
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  readonly error: string | null;
}

/**
 * Live parts and, page by page, older ones of this query from the plant database. Another query starts anew, and an
 * answer to the one before is dropped.
 */
export function useHistory(query: string, live: readonly Verdict[]): History {
  const [loaded, setLoaded] = useState<Loaded>(makeEmpty(query));
  const current = loaded.query === query ? loaded : makeEmpty(query);
  const { shown } = current;
  const parts = useMemo(() => (shown === null ? live : joinParts(live, shown)), [live, shown]);
  useEffect(() => {
    setLoaded((last) => {
      if (last.query !== query || last.shown === null) return last;
      if (last.shown.live === live && last.shown.all === parts) return last;
      return { ...last, shown: { live, all: parts }, hasMore: last.hasMore || parts === live };
    });
  }, [query, parts, live]);

  const load = async (): Promise<void> => {
    const last = parts.at(-1);
    setLoaded({ ...current, shown: { live, all: parts }, isLoading: true, error: null });
    const page = await fetchPage(query, last).catch((error: Error) => error);
    setLoaded((now) => {
      if (now.query !== query || now.shown === null) return now;
      if (page instanceof Error) return { ...now, isLoading: false, error: page.message };
      // The list began anew meanwhile: what comes after its former end does not belong to this one.
      if (now.shown.all.at(-1)?.frameId !== last?.frameId) return { ...now, isLoading: false };
      const known = new Set(now.shown.all.map(({ frameId }) => frameId));
      const older = page.verdicts.filter(({ frameId }) => !known.has(frameId));
      const all = [...now.shown.all, ...older].slice(0, MOST_PARTS);
      return { query, shown: { ...now.shown, all }, isLoading: false, hasMore: page.more, error: null };
    });
  };
  const { isLoading, hasMore, error } = current;
  return { parts, isLoading, hasMore, isFull: parts.length >= MOST_PARTS, error, load: () => void load() };
}

function makeEmpty(query: string): Loaded {
  return { query, shown: null, isLoading: false, hasMore: true, error: null };
}

/** @throws Error when the inspector does not answer, answers with an error or with something else than verdicts */
async function fetchPage(query: string, last: Verdict | undefined): Promise<VerdictPage> {
  const params = new URLSearchParams(query);
  if (last !== undefined) {
    params.set('before', last.ts.decided);
    params.set('beforeFrame', last.frameId);
  }
  return VerdictPage.parse(await ask(`/api/verdicts?${params}`));
}
