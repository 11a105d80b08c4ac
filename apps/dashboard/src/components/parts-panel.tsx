import { ActionIcon, Button, SegmentedControl } from '@mantine/core';
import { IconHistory, IconSearch, IconX } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Region, Verdict } from '#contracts';
import {
  type Filter,
  listVerdicts,
  pastQuery,
  type Search,
  VERDICT_FILTERS,
  type VerdictFilter,
} from '../live/filter.js';
import type { LiveData } from '../live/live-state.js';
import { formatCount, formatWhen } from '../live/words.js';
import type { View } from '../view.js';
import { Panel } from './panel.js';
import { type OpenedPart, PartDetails } from './part-details.js';
import { PartSearch } from './part-search.js';
import { PartTile } from './part-tile.js';
import classes from './parts-panel.module.css';
import { type History, useHistory } from './use-history.js';
import { useOutcomeWords } from './use-outcome-words.js';

const LABELS: Record<Exclude<VerdictFilter, 'REJECT'>, string> = {
  FAIL: 'Fail',
  INCONCLUSIVE: 'Inconclusive',
  PASS: 'Pass',
  ALL: 'All',
};
/** Tiles shown live; more is what the search in past verdicts is for. */
const TILES = 60;
const NONE: readonly Verdict[] = [];

export interface PartsPanelProps {
  readonly data: LiveData;
  readonly view: View;
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
}

/** The last parts, rejects unless asked otherwise, with their pictures; older ones from the plant database. */
export function PartsPanel({ data, view, filter, onFilter }: PartsPanelProps) {
  const words = useOutcomeWords();
  const [opened, setOpened] = useState<OpenedPart | null>(null);
  const { recent, rejects } = data;
  const live = useMemo(() => listVerdicts({ recent, rejects }, filter).slice(0, TILES), [recent, rejects, filter]);
  const [isSearching, setIsSearching] = useState(false);
  const [search, setSearch] = useState<Search | null>(null);
  const query = pastQuery(filter, search);
  const history = useHistory(query, search === null ? live : NONE);
  const { parts } = history;
  const listed = useRef(parts);
  listed.current = parts;
  const open = useCallback((verdict: Verdict) => setOpened({ verdict, parts: listed.current }), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each question is asked once, without being pressed for
  useEffect(() => {
    if (search !== null) history.load();
  }, [search, query]);
  const toggleSearch = (): void => {
    setIsSearching(!isSearching);
    setSearch(null);
  };
  const SearchIcon = isSearching ? IconX : IconSearch;
  const roiOf = (camera: string | undefined) => data.cameras.find(({ camera: name }) => name === camera)?.roi ?? null;
  return (
    <Panel
      title={titleOf(search, view.today) ?? (filter.verdict === 'REJECT' ? words.lastRejects : 'Last parts')}
      tools={
        <div className={classes.tools}>
          {(search === null || search.by === 'time') && (
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
        <ul className={classes.list} data-testid="parts">
          {parts.map((verdict) => (
            <li key={verdict.frameId}>
              <PartTile verdict={verdict} crop={cropOf(roiOf(verdict.camera))} today={view.today} onOpen={open} />
            </li>
          ))}
        </ul>
        {parts.length === 0 && !history.isLoading && history.error === null && (
          <p className={classes.none}>{noneWords(search)}</p>
        )}
        <div className={classes.more}>
          {history.error !== null && <p role="alert">{history.error}</p>}
          <Button
            variant="subtle"
            size="xs"
            leftSection={<IconHistory size="1rem" aria-hidden="true" />}
            loading={history.isLoading}
            disabled={!history.hasMore || history.isFull}
            onClick={history.load}
          >
            {olderWords(history)}
          </Button>
        </div>
      </div>
      <PartDetails
        opened={opened}
        roi={roiOf(opened?.verdict.camera)}
        isShadow={data.shadow}
        isStale={view.isStale}
        onOpen={setOpened}
      />
    </Panel>
  );
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
