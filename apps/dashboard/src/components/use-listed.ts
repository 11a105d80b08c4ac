import { useEffect, useMemo } from 'react';
import type { Decision } from '#contracts';
import { type Filter, type Lists, listRecords, pastQuery, type Search } from '../live/filter.js';
import type { Kind } from '../live/kinds.js';
import { type History, type Recorded, useHistory } from './use-history.js';

/** Listed live; more is what the search in past verdicts is for. */
const LISTED = 60;
const NONE: readonly never[] = [];

export interface Wanted {
  readonly filter: Filter;
  /** null = the last ones, live. */
  readonly search: Search | null;
}

/** What a list shows: the last live records that pass the filter, or what a search finds, and the way further back. */
export function useListed<Item extends Recorded & { readonly verdict: Decision; readonly camera?: string }>(
  kind: Kind<Item>,
  { recent, rejects }: Lists<Item>,
  { filter, search }: Wanted,
): History<Item> {
  const live = useMemo(() => listRecords({ recent, rejects }, filter).slice(0, LISTED), [recent, rejects, filter]);
  const query = pastQuery(filter, search);
  const history = useHistory(kind, query, search === null ? live : NONE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each question is asked once, without being pressed for
  useEffect(() => {
    if (search !== null) history.load();
  }, [search, query]);
  return history;
}
