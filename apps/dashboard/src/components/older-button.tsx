import { Button } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import type { Search } from '../live/filter.js';
import { formatCount } from '../live/words.js';
import classes from './older-button.module.css';
import type { History } from './use-history.js';

export interface OlderButtonProps<Item> {
  readonly history: History<Item>;
  readonly search: Search | null;
}

/** Below a list: the way further back, or that there is nothing. */
export function OlderButton<Item>({ history, search }: OlderButtonProps<Item>) {
  const { records, isLoading, isFull, hasMore, error, load } = history;
  return (
    <>
      {records.length === 0 && !isLoading && error === null && <p className={classes.none}>{noneWords(search)}</p>}
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

function noneWords(search: Search | null): string {
  if (search === null) return 'None yet.';
  return search.by === 'time' ? 'Nothing of that time is recorded.' : 'Nothing of that name is recorded.';
}

function olderWords<Item>({ hasMore, isFull, records }: History<Item>): string {
  if (isFull) return `${formatCount(records.length)} shown; search for others by part, lot or time`;
  return hasMore ? 'Older' : 'No older ones';
}
