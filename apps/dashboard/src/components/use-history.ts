import { useEffect, useState } from 'react';
import { VerdictPage } from '#contracts/live';
import type { Verdict } from '#contracts/verdict';
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

/** Past verdicts of the filter, page by page from the plant database. Another filter starts anew. */
export function useHistory(filter: Filter): History {
  const [state, setState] = useState(EMPTY);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was loaded belongs to one filter
  useEffect(() => setState(EMPTY), [filter.camera, filter.verdict]);

  const load = async (before?: string): Promise<void> => {
    setState((last) => ({ ...last, isLoading: true, error: null }));
    try {
      const page = await fetchPage(filter, before);
      setState((last) => {
        const verdicts = [...last.verdicts, ...page.verdicts];
        return { verdicts, isLoading: false, hasMore: page.more && verdicts.length < MAX_OLDER, error: null };
      });
    } catch {
      const error = 'The plant database did not answer; live verdicts go on.';
      setState((last) => ({ ...last, isLoading: false, error }));
    }
  };
  return { ...state, load: (before) => void load(before) };
}

/** @throws Error when the inspector does not answer, answers with an error or with something else than verdicts */
async function fetchPage(filter: Filter, before: string | undefined): Promise<VerdictPage> {
  const query = new URLSearchParams();
  if (filter.camera !== null) query.set('camera', filter.camera);
  if (filter.verdict !== 'ALL') query.set('verdict', filter.verdict);
  if (before !== undefined) query.set('before', before);
  const response = await fetch(`/api/verdicts?${query}`);
  if (!response.ok) throw new Error(`GET /api/verdicts: ${response.status}`);
  return VerdictPage.parse(await response.json());
}
