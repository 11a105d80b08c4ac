import type { Decision, LiveCamera, Origin } from '#contracts';

export const VERDICT_FILTERS = ['REJECT', 'FAIL', 'INCONCLUSIVE', 'PASS', 'ALL'] as const;
export type VerdictFilter = (typeof VERDICT_FILTERS)[number];

/** What the page shows. It lives in the address, so that a wall screen can be pointed at one camera. */
export interface Filter {
  /** null = all. */
  readonly camera: string | null;
  readonly verdict: VerdictFilter;
}

export function readFilter(search: string): Filter {
  const params = new URLSearchParams(search);
  const verdict = VERDICT_FILTERS.find((word) => word === params.get('verdict'));
  return { camera: params.get('camera'), verdict: verdict ?? 'REJECT' };
}

/** Query string with `?`, empty for what is shown anyway. */
export function writeFilter({ camera, verdict }: Filter): string {
  const params = new URLSearchParams();
  if (camera !== null) params.set('camera', camera);
  if (verdict !== 'REJECT') params.set('verdict', verdict);
  return params.size === 0 ? '' : `?${params}`;
}

/** One part or lot, by its whole name. */
export interface NameSearch {
  readonly by: 'partId' | 'lot';
  readonly text: string;
}

/** When it was decided, RFC 3339 in UTC: at or after `from`, before `until`; null = without that end. */
export interface TimeSearch {
  readonly by: 'time';
  readonly from: string | null;
  readonly until: string | null;
}

export type Search = NameSearch | TimeSearch;

/** What to ask the plant database for: of a part or lot every verdict, of a time those that are listed. */
export function pastQuery({ camera, verdict }: Filter, search: Search | null): string {
  const query = new URLSearchParams();
  if (camera !== null) query.set('camera', camera);
  if (search !== null && search.by !== 'time') query.set(search.by, search.text);
  else if (verdict !== 'ALL') query.set('verdict', verdict);
  if (search?.by === 'time') {
    if (search.from !== null) query.set('from', search.from);
    if (search.until !== null) query.set('before', search.until);
  }
  return query.toString();
}

/** A frame, or a part of several views, which is of no one camera. */
interface Judged {
  readonly verdict: Decision;
  readonly camera?: string;
}

/** Newest last. */
export interface Lists<Item> {
  readonly recent: readonly Item[];
  readonly rejects: readonly Item[];
}

/** Those that pass the filter, newest first. Rejects come from their own, longer memory. */
export function listRecords<Item extends Judged>(lists: Lists<Item>, filter: Filter): readonly Item[] {
  const source = filter.verdict === 'PASS' || filter.verdict === 'ALL' ? lists.recent : lists.rejects;
  return source.filter((record) => isShown(record, filter)).reverse();
}

function isShown({ camera, verdict }: Judged, filter: Filter): boolean {
  if (filter.camera !== null && camera !== filter.camera) return false;
  switch (filter.verdict) {
    case 'ALL':
      return true;
    case 'REJECT':
      return verdict !== 'PASS';
    default:
      return verdict === filter.verdict;
  }
}

const ORIGINS: readonly Origin[] = ['line', 'simulated', 'challenge'];

/** What of the inspector's state tells which streams there are. */
export interface Streams {
  readonly simulated: boolean;
  readonly shadow: boolean;
  readonly cameras: readonly Pick<LiveCamera, 'tallies'>[];
}

/**
 * The stream the page speaks of unless someone chooses another. A shadow is not told whether the line beside it is
 * simulated: its frames say so, and before the first one it is null.
 */
export function ownOrigin({ simulated, shadow, cameras }: Streams): Origin | null {
  if (shadow) return ORIGINS.find((origin) => isSeen(cameras, origin)) ?? null;
  return simulated ? 'simulated' : 'line';
}

/** The streams that have verdicts, for the choice between them; the page's own stream, once known, is always one of them. */
export function originsSeen(streams: Streams): readonly Origin[] {
  const own = ownOrigin(streams);
  return ORIGINS.filter((origin) => origin === own || isSeen(streams.cameras, origin));
}

function isSeen(cameras: Streams['cameras'], origin: Origin): boolean {
  return cameras.some(({ tallies: { [origin]: tally } }) => tally.pass + tally.fail + tally.inconclusive > 0);
}
