import { Autocomplete, Button, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Disposition, OverrideWords } from '#contracts';
import { DISPOSITION_WORDS } from '../live/words.js';
import classes from './part-overrides.module.css';
import { usePerson } from './use-person.js';

const CHOICES = (Object.entries(DISPOSITION_WORDS) as [Disposition, string][]).map(([value, label]) => ({
  value,
  label,
}));

export interface OverrideFormProps {
  /** Classes that the model knows. */
  readonly labels: readonly string[];
  readonly onSay: (words: OverrideWords) => Promise<boolean>;
}

/** A named person decides what becomes of a part. Nothing is chosen beforehand: a decision is never made by accident. */
export function OverrideForm({ labels, onSay }: OverrideFormProps) {
  const [person, setPerson] = usePerson();
  const [by, setBy] = useState(person);
  const [disposition, setDisposition] = useState<Disposition | ''>('');
  const [trueLabel, setTrueLabel] = useState('');
  const [remark, setRemark] = useState('');
  const [isSending, setIsSending] = useState(false);

  const record = async (): Promise<void> => {
    if (disposition === '') return;
    setIsSending(true);
    const words = { disposition, trueLabel: textOr(trueLabel), remark: textOr(remark), by: by.trim() };
    const isRecorded = await onSay(words);
    setIsSending(false);
    if (!isRecorded) return;
    setPerson(words.by);
    setDisposition('');
    setTrueLabel('');
    setRemark('');
  };
  return (
    <form
      className={classes.form}
      aria-label="Decide about this part"
      onSubmit={(event) => {
        event.preventDefault();
        void record();
      }}
    >
      <SegmentedControl
        fullWidth
        aria-label="Disposition"
        value={disposition}
        onChange={(value) => setDisposition(value as Disposition)}
        data={CHOICES}
      />
      <div className={classes.fields}>
        <Autocomplete
          label="What it really is"
          placeholder="if known"
          value={trueLabel}
          maxLength={128}
          data={[...labels]}
          onChange={setTrueLabel}
        />
        <TextInput
          label="Remark"
          value={remark}
          maxLength={1_000}
          onChange={(event) => setRemark(event.currentTarget.value)}
        />
        <TextInput
          label="Your name"
          value={by}
          maxLength={128}
          onChange={(event) => setBy(event.currentTarget.value)}
        />
        <Button
          type="submit"
          style={{ alignSelf: 'end' }}
          loading={isSending}
          disabled={disposition === '' || by.trim() === ''}
        >
          Record decision
        </Button>
      </div>
    </form>
  );
}

function textOr(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}
