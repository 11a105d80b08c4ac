import { Button, Group, Popover, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Alert } from '#contracts';
import { acknowledgeEach } from '../live/acknowledge.js';
import { ask } from '../live/ask.js';
import classes from './acknowledge-button.module.css';
import { usePerson } from './use-person.js';

export interface AcknowledgeButtonProps {
  readonly alarm: string;
  /** Where it is on, each acknowledged; null = the whole inspector. */
  readonly cameras: readonly Alert['camera'][];
  /** It stands where it stood a moment ago: a press is meant for it. */
  readonly isSteady: boolean;
  readonly onAcknowledged: () => void;
}

/** A person has seen the alarm. The first time it asks who that is; then one press does. The alarm stays on until its cause is gone. */
export function AcknowledgeButton({ alarm, cameras, isSteady, onAcknowledged }: AcknowledgeButtonProps) {
  const [person, setPerson] = usePerson();
  const [name, setName] = useState('');
  const [isAsking, setIsAsking] = useState(false);
  const [isSending, setIsSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const acknowledge = async (by: string): Promise<void> => {
    setIsSending(true);
    setProblem(null);
    try {
      await acknowledgeEach(cameras, (camera) => ask('/api/alarms/acknowledge', { alarm, camera, by }));
      setPerson(by);
      setIsAsking(false);
      onAcknowledged();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setIsSending(false);
    }
  };
  const press = (): void => {
    if (!isSteady) return;
    if (person === '') setIsAsking(true);
    else void acknowledge(person);
  };
  return (
    <Group gap="xs" wrap="nowrap">
      {problem !== null && !isAsking && <span role="alert">{problem}</span>}
      <Popover opened={isAsking} onChange={setIsAsking} trapFocus withArrow position="bottom-end" shadow="md">
        <Popover.Target>
          <button
            type="button"
            className={classes.button}
            disabled={isSending}
            aria-disabled={!isSteady}
            onClick={press}
          >
            {person === '' ? 'Acknowledge' : `Acknowledge as ${person}`}
          </button>
        </Popover.Target>
        <Popover.Dropdown>
          <form
            className={classes.form}
            onSubmit={(event) => {
              event.preventDefault();
              void acknowledge(name.trim());
            }}
          >
            <TextInput
              label="Your name"
              description="Recorded with the alarm and kept in this browser"
              value={name}
              maxLength={128}
              error={problem}
              data-autofocus
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button type="submit" loading={isSending} disabled={name.trim() === ''}>
              Acknowledge
            </Button>
          </form>
        </Popover.Dropdown>
      </Popover>
      {person !== '' && (
        <button type="button" className={classes.button} data-quiet="true" onClick={() => setPerson('')}>
          Not me
        </button>
      )}
    </Group>
  );
}
