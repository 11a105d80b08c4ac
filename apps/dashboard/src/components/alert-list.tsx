import { IconAlertTriangle, IconHistory, IconUserCheck } from '@tabler/icons-react';
import { useRef } from 'react';
import { type AlertGroup, groupAlerts, isOver } from '../live/alerts.js';
import { ageMs } from '../live/freshness.js';
import type { LiveData } from '../live/live-state.js';
import { formatAge, formatAgo, formatWhen, sayPlaces } from '../live/words.js';
import type { View } from '../view.js';
import { AcknowledgeButton } from './acknowledge-button.js';
import classes from './banner.module.css';
import { useSteady } from './use-steady.js';

/** Rows for alarms that ended before anybody saw them: a wall screen may have nobody who acknowledges. */
const OVER_SHOWN = 3;
/** A hand that is on its way cannot stop: a button that came under it is not pressed. */
const STEADY_MS = 500;

/** Alarms that are on or were never seen: those nobody has seen are loud, newest first, and have a button. */
export function AlertList({ data, view }: { data: LiveData; view: View }) {
  const list = useRef<HTMLElement>(null);
  const groups = groupAlerts(data.alerts);
  const hidden = new Set(groups.filter(isOver).slice(OVER_SHOWN));
  const shown = groups.filter((group) => !hidden.has(group));
  const isSteady = useSteady(JSON.stringify([view.isStale, ...shown.map(({ key }) => key)]), STEADY_MS);
  return (
    // Who acknowledged stays here with the keyboard when the button is gone.
    <section ref={list} tabIndex={-1} aria-label="Alarms" className={classes.list}>
      {shown.map((group) => (
        <Row
          key={group.key}
          group={group}
          cameras={data.cameras.length}
          view={view}
          isSteady={isSteady}
          onSeen={() => list.current?.focus()}
        />
      ))}
      {hidden.size > 0 && (
        <p className={classes.more}>
          {hidden.size} more ended before anybody saw them. Acknowledge those above to see them.
        </p>
      )}
    </section>
  );
}

interface RowProps {
  readonly group: AlertGroup;
  /** How many the station has. */
  readonly cameras: number;
  readonly view: View;
  /** The row stands where it stood a moment ago. */
  readonly isSteady: boolean;
  readonly onSeen: () => void;
}

function Row({ group, cameras, view, isSteady, onSeen }: RowProps) {
  const { code, message, owner, acknowledged, ended } = group;
  const Icon = acknowledged ? IconUserCheck : isOver(group) ? IconHistory : IconAlertTriangle;
  const places = sayPlaces(group.cameras, cameras);
  const isPartlyOver = ended.length > 0 && !isOver(group);
  return (
    <div className={classes.banner} data-tone={toneOf(group)} data-testid={`alarm-${code}`}>
      <Icon size="1.4rem" aria-hidden="true" className={classes.icon} />
      <p className={classes.text} role="alert">
        <strong>{places === '' ? code : `${places} · ${code}`}</strong> {message}
        {isPartlyOver && ` Over at ${ended.join(', ')}.`}
        {owner && <em> For {owner}.</em>}
      </p>
      {acknowledged && (
        <span className={classes.seen}>
          Acknowledged by {acknowledged.by}, {formatAgo(ageMs(acknowledged.ts, view.serverMs))}
        </span>
      )}
      {!acknowledged && (
        <AcknowledgeButton alarm={code} cameras={group.cameras} isSteady={isSteady} onAcknowledged={onSeen} />
      )}
      <span className={classes.age}>
        {isOver(group)
          ? `ended ${formatWhen(group.ts, view.today)}`
          : `for ${formatAge(ageMs(group.ts, view.serverMs))}`}
      </span>
    </div>
  );
}

function toneOf(group: AlertGroup): 'seen' | 'over' | 'warn' {
  if (group.acknowledged) return 'seen';
  return isOver(group) ? 'over' : 'warn';
}
