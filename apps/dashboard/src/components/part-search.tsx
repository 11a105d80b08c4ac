import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Search } from '../live/filter.js';
import { momentOf } from '../live/local-moment.js';
import classes from './part-search.module.css';

const WHAT: readonly { value: Search['by']; label: string }[] = [
  { value: 'partId', label: 'Part' },
  { value: 'lot', label: 'Lot' },
  { value: 'time', label: 'Time' },
];

/** Asks for one part or lot by its whole name, as a scanner reads it, or for a time of this computer's zone. */
export function PartSearch({ onSearch }: { onSearch: (search: Search) => void }) {
  const [by, setBy] = useState<Search['by']>('partId');
  const [text, setText] = useState('');
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const search: Search =
    by === 'time' ? { by, from: momentOf(from, 'from'), until: momentOf(until, 'until') } : { by, text: text.trim() };
  const isEmpty = search.by === 'time' ? search.from === null && search.until === null : search.text === '';
  return (
    <search>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(search);
        }}
      >
        <SegmentedControl size="xs" aria-label="Search by" value={by} onChange={setBy} data={[...WHAT]} />
        {by === 'time' ? (
          <>
            <MomentInput label="Decided from" value={from} onChange={setFrom} />
            to
            <MomentInput label="Decided before" value={until} min={from} onChange={setUntil} />
          </>
        ) : (
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
        )}
        <Button type="submit" size="xs" disabled={isEmpty}>
          Search
        </Button>
      </form>
    </search>
  );
}

interface MomentInputProps {
  readonly label: string;
  readonly value: string;
  readonly min?: string;
  readonly onChange: (value: string) => void;
}

/** The browser's own field: no days that do not exist, nothing before `min`. */
function MomentInput({ label, value, min, onChange }: MomentInputProps) {
  return (
    <TextInput
      className={classes.moment}
      size="xs"
      type="datetime-local"
      aria-label={label}
      title={label}
      value={value}
      min={min}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
