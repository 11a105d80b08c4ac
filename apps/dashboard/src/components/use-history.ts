import { useState } from 'react';
import { VerdictPage } from '#contracts/live';
import type { Verdict } from '#contracts/verdict';
import { ask } from '../live/ask.js';
import type { Filter } from '../live/filter.js';

/** Older verdicts are kept on the page up to this many. */
const MAX_OLDER = 1_000;

export interface History {
  readonly verdicts: readonly Verdict[];
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  readonly error: string | null;
  /** Fetch what was decided before this moment; now when left out. */
  readonly load: (before?: string) => void;
}

const EMPTY = { verdicts: [] as readonly Verdict[], isLoading: false, hasMore: true, error: null as string | null };

/**
 * Past verdicts of the filter, page by page from the plant database. Another filter starts anew, and an answer to the
 * one before is dropped.
 */
export function useHistory(filter: Filter): History {
  const query = queryOf(filter);
  const [kept, setKept] = useState({ ...EMPTY, query });
  const history = kept.query === query ? kept : EMPTY;

  const load = async (before?: string): Promise<void> => {
    setKept({ ...history, query, isLoading: true, error: null });
    const page = await fetchPage(query, before).catch((error: Error) => error);
    setKept((last) => {
      if (last.query !== query) return last;
      if (page instanceof Error) return { ...last, isLoading: false, error: page.message };
      const verdicts = [...last.verdicts, ...page.verdicts];
      return { query, verdicts, isLoading: false, hasMore: page.more && verdicts.length < MAX_OLDER, error: null };
    });
  };
  return { ...history, load: (before) => void load(before) };
}

function queryOf({ camera, verdict }: Filter): string {
  const query = new URLSearchParams();
  if (camera !== null) query.set('camera', camera);
  if (verdict !== 'ALL') query.set('verdict', verdict);
  return query.toString();
}

/** @throws Error when the inspector does not answer, answers with an error or with something else than verdicts */
async function fetchPage(query: string, before: string | undefined): Promise<VerdictPage> {
  const from = before === undefined ? '' : `&before=${encodeURIComponent(before)}`;
  return VerdictPage.parse(await ask(`/api/verdicts?${query}${from}`));
}
