import { IconAlertTriangle, IconUserCheck } from '@tabler/icons-react';
import type { Alert } from '#contracts';
import { groupAlerts } from '../live/alerts.js';
import { ageMs } from '../live/freshness.js';
import type { LiveData } from '../live/live-state.js';
import { formatAge, formatAgo, sayPlaces } from '../live/words.js';
import type { View } from '../view.js';
import { AcknowledgeButton } from './acknowledge-button.js';
import classes from './banner.module.css';

/** Alarms that are on, newest first: those nobody has seen are loud and have a button. */
export function AlertList({ data, view }: { data: LiveData; view: View }) {
  return groupAlerts(data.alerts).map(({ key, code, message, owner, acknowledged, cameras, ts }) => {
    const Icon = acknowledged ? IconUserCheck : IconAlertTriangle;
    const places = sayPlaces(cameras, data.cameras.length);
    return (
      <div
        key={key}
        className={classes.banner}
        data-tone={acknowledged ? 'seen' : 'warn'}
        data-testid={`alarm-${code}`}
      >
        <Icon size="1.4rem" aria-hidden="true" />
        <p className={classes.text} role="alert">
          <strong>{places === '' ? code : `${places} · ${code}`}</strong> {message}
          {owner && <em> For {owner}.</em>}
        </p>
        <Seen acknowledged={acknowledged ?? null} view={view} />
        {!acknowledged && <AcknowledgeButton alarm={code} cameras={cameras} />}
        <span className={classes.age}>for {formatAge(ageMs(ts, view.serverMs))}</span>
      </div>
    );
  });
}

function Seen({ acknowledged, view }: { acknowledged: NonNullable<Alert['acknowledged']> | null; view: View }) {
  if (acknowledged === null) return null;
  return (
    <span className={classes.seen}>
      Acknowledged by {acknowledged.by}, {formatAgo(ageMs(acknowledged.ts, view.serverMs))}
    </span>
  );
}
