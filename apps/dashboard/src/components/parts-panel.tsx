import { ActionIcon, Button, SegmentedControl } from '@mantine/core';
import { IconHistory, IconSearch, IconX } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { LiveCamera, PartVerdict, Region, Verdict } from '#contracts';
import { countedOf } from '../live/figures.js';
import {
  type Filter,
  listVerdicts,
  pastQuery,
  type Search,
  VERDICT_FILTERS,
  type VerdictFilter,
} from '../live/filter.js';
import type { LiveData } from '../live/live-state.js';
import { outcomeWords } from '../live/outcome-words.js';
import { formatCount, formatWhen } from '../live/words.js';
import type { View } from '../view.js';
import { Panel } from './panel.js';
import { type OpenedPart, PartDetails } from './part-details.js';
import { PartSearch } from './part-search.js';
import { PartTile } from './part-tile.js';
import classes from './parts-panel.module.css';
import { RejectedParts } from './rejected-parts.js';
import { type History, useHistory } from './use-history.js';

const LABELS: Record<Exclude<VerdictFilter, 'REJECT'>, string> = {
  FAIL: 'Fail',
  INCONCLUSIVE: 'Inconclusive',
  PASS: 'Pass',
  ALL: 'All',
};
/** Where parts have several views: the rejected ones, or the frames of their views. */
const LISTS = [
  { value: 'parts', label: 'Parts' },
  { value: 'views', label: 'Views' },
] as const;
/** Tiles shown live; more is what the search in past verdicts is for. */
const TILES = 60;
const NONE: readonly Verdict[] = [];

export interface PartsPanelProps {
  readonly data: LiveData;
  readonly view: View;
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
}

/**
 * The last parts, rejects unless asked otherwise, with their pictures; older ones from the plant database. Where parts
 * have several views the rejected parts come first, and behind each are its views.
 */
export function PartsPanel({ data, view, filter, onFilter }: PartsPanelProps) {
  const [opened, setOpened] = useState<OpenedPart | null>(null);
  const { recent, rejects } = data;
  const live = useMemo(() => listVerdicts({ recent, rejects }, filter).slice(0, TILES), [recent, rejects, filter]);
  const [isSearching, setIsSearching] = useState(false);
  const [search, setSearch] = useState<Search | null>(null);
  const counted = countedOf(data.parts, filter.camera);
  const [list, setList] = useState<'parts' | 'views'>(filter.verdict === 'REJECT' ? 'parts' : 'views');
  const rejectedParts = counted === 'parts' && list === 'parts' && search === null ? data.parts?.rejects : undefined;
  const listed = counted === 'parts' ? (rejectedParts ? 'parts' : 'views') : counted;
  const words = outcomeWords(data, listed);
  const query = pastQuery(filter, search);
  const history = useHistory(query, search === null ? live : NONE);
  const { parts } = history;
  const tiles = useRef(parts);
  tiles.current = parts;
  const open = useCallback((verdict: Verdict) => setOpened({ verdict, parts: tiles.current }), []);
  const openViews = useCallback(({ partId }: PartVerdict) => {
    setIsSearching(true);
    setSearch({ by: 'partId', text: partId });
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each question is asked once, without being pressed for
  useEffect(() => {
    if (search !== null) history.load();
  }, [search, query]);
  const toggleSearch = (): void => {
    setIsSearching(!isSearching);
    setSearch(null);
  };
  const SearchIcon = isSearching ? IconX : IconSearch;
  return (
    <Panel
      title={
        titleOf(search, view.today) ?? (filter.verdict === 'REJECT' || rejectedParts ? words.lastRejects : words.last)
      }
      tools={
        <div className={classes.tools}>
          {counted === 'parts' && search === null && (
            <SegmentedControl size="xs" aria-label="Listed" value={list} onChange={setList} data={[...LISTS]} />
          )}
          {!rejectedParts && (search === null || search.by === 'time') && (
            <SegmentedControl
              size="xs"
              aria-label="Verdict"
              value={filter.verdict}
              onChange={(verdict) => onFilter({ ...filter, verdict })}
              data={VERDICT_FILTERS.map((value) => ({
                value,
                label: value === 'REJECT' ? words.rejects : LABELS[value],
              }))}
            />
          )}
          <ActionIcon
            variant="default"
            aria-label={isSearching ? 'Close search' : 'Search a part, lot or time'}
            onClick={toggleSearch}
          >
            <SearchIcon size="1rem" aria-hidden="true" />
          </ActionIcon>
        </div>
      }
    >
      {isSearching && <PartSearch onSearch={setSearch} />}
      <div className={classes.scroll}>
        {rejectedParts ? (
          <RejectedParts parts={rejectedParts} today={view.today} onOpen={openViews} />
        ) : (
          <Tiles history={history} cameras={data.cameras} today={view.today} none={noneWords(search)} onOpen={open} />
        )}
        {rejectedParts?.length === 0 && <p className={classes.none}>{noneWords(null)}</p>}
      </div>
      <PartDetails
        opened={opened}
        roi={roiOf(data.cameras, opened?.verdict.camera)}
        isShadow={data.shadow}
        isStale={view.isStale}
        onOpen={setOpened}
      />
    </Panel>
  );
}

interface TilesProps {
  readonly history: History;
  readonly cameras: readonly LiveCamera[];
  /** As `dayOf` gives it. */
  readonly today: string | null;
  /** Said where there is nothing. */
  readonly none: string;
  readonly onOpen: (verdict: Verdict) => void;
}

/** What the cameras saw, each with its picture, and the way further back. */
function Tiles({ history, cameras, today, none, onOpen }: TilesProps) {
  const { parts, isLoading, isFull, hasMore, error, load } = history;
  return (
    <>
      <ul className={classes.list} data-testid="parts">
        {parts.map((verdict) => (
          <li key={verdict.frameId}>
            <PartTile verdict={verdict} crop={cropOf(roiOf(cameras, verdict.camera))} today={today} onOpen={onOpen} />
          </li>
        ))}
      </ul>
      {parts.length === 0 && !isLoading && error === null && <p className={classes.none}>{none}</p>}
      <div className={classes.more}>
        {error !== null && <p role="alert">{error}</p>}
        <Button
          variant="subtle"
          size="xs"
          leftSection={<IconHistory size="1rem" aria-hidden="true" />}
          loading={isLoading}
          disabled={!hasMore || isFull}
          onClick={load}
        >
          {olderWords(history)}
        </Button>
      </div>
    </>
  );
}

function roiOf(cameras: readonly LiveCamera[], camera: string | undefined): Region | null {
  return cameras.find(({ camera: name }) => name === camera)?.roi ?? null;
}

function titleOf(search: Search | null, today: string | null): string | null {
  if (search === null) return null;
  if (search.by !== 'time') return `${search.by === 'lot' ? 'Lot' : 'Part'} ${search.text}`;
  const [from, until] = [search.from, search.until].map((end) => (end === null ? null : formatWhen(end, today)));
  if (until === null) return `Since ${from}`;
  return from === null ? `Before ${until}` : `${from} to ${until}`;
}

function noneWords(search: Search | null): string {
  if (search === null) return 'None yet.';
  return search.by === 'time' ? 'Nothing of that time is recorded.' : 'Nothing of that name is recorded.';
}

function olderWords({ hasMore, isFull, parts }: History): string {
  if (isFull) return `${formatCount(parts.length)} shown; search for others by part, lot or time`;
  return hasMore ? 'Older' : 'No older ones';
}

function cropOf(roi: Region | null): string | undefined {
  return roi === null ? undefined : `xywh(${roi.x}px ${roi.y}px ${roi.width}px ${roi.height}px)`;
}
