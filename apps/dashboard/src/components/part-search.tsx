import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Search } from '../live/filter.js';
import classes from './part-search.module.css';

const WHAT: readonly { value: Search['by']; label: string }[] = [
  { value: 'partId', label: 'Part' },
  { value: 'lot', label: 'Lot' },
];

/** Asks for one part or lot by its whole name, as a scanner reads it. */
export function PartSearch({ onSearch }: { onSearch: (search: Search) => void }) {
  const [by, setBy] = useState<Search['by']>('partId');
  const [text, setText] = useState('');
  return (
    <search>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          onSearch({ by, text: text.trim() });
        }}
      >
        <SegmentedControl size="xs" aria-label="Search by" value={by} onChange={setBy} data={[...WHAT]} />
        <TextInput
          className={classes.text}
          size="xs"
          aria-label={by === 'lot' ? 'Lot' : 'Part id'}
          placeholder={by === 'lot' ? 'whole name of the lot' : 'whole id of the part'}
          value={text}
          maxLength={256}
          autoFocus
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" size="xs" disabled={text.trim() === ''}>
          Search
        </Button>
      </form>
    </search>
  );
}
