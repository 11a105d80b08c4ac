import { ActionIcon, SegmentedControl } from '@mantine/core';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { countedOf } from '../live/figures.js';
import { type Filter, type Search, VERDICT_FILTERS, type VerdictFilter } from '../live/filter.js';
import type { LiveData } from '../live/live-state.js';
import { outcomeWords } from '../live/outcome-words.js';
import { formatWhen } from '../live/words.js';
import type { View } from '../view.js';
import { FrameList } from './frame-list.js';
import { MultiViewList } from './multi-view-list.js';
import { Panel } from './panel.js';
import { PartSearch } from './part-search.js';
import classes from './parts-panel.module.css';

const LABELS: Record<Exclude<VerdictFilter, 'REJECT'>, string> = {
  FAIL: 'Fail',
  INCONCLUSIVE: 'Inconclusive',
  PASS: 'Pass',
  ALL: 'All',
};
/** Where parts have several views: they themselves, or the frames of their views. */
const LISTS = [
  { value: 'parts', label: 'Parts' },
  { value: 'views', label: 'Views' },
] as const;

export interface PartsPanelProps {
  readonly data: LiveData;
  readonly view: View;
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
}

/** The last parts, rejects unless asked otherwise; older ones, and what a search finds, from the plant database. */
export function PartsPanel({ data, view, filter, onFilter }: PartsPanelProps) {
  const [isSearching, setIsSearching] = useState(false);
  const [search, setSearch] = useState<Search | null>(null);
  const [list, setList] = useState<'parts' | 'views'>('parts');
  const counted = countedOf(data.parts, filter.camera);
  const listed = counted === 'parts' ? list : counted;
  const words = outcomeWords(data, listed);
  const toggleSearch = (): void => {
    setIsSearching(!isSearching);
    setSearch(null);
  };
  const SearchIcon = isSearching ? IconX : IconSearch;
  const shown = { data, view, wanted: { filter, search } };
  return (
    <Panel
      title={titleOf(search, view.today) ?? (filter.verdict === 'REJECT' ? words.lastRejects : words.last)}
      tools={
        <div className={classes.tools}>
          {counted === 'parts' && (
            <SegmentedControl size="xs" aria-label="Listed" value={list} onChange={setList} data={[...LISTS]} />
          )}
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
        {listed === 'parts' && data.parts !== null ? (
          <MultiViewList {...shown} parts={data.parts} />
        ) : (
          <FrameList {...shown} />
        )}
      </div>
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
