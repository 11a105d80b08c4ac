import { IconAlertTriangle } from '@tabler/icons-react';
import { ageMs } from '../live/freshness.js';
import type { LiveData } from '../live/live-state.js';
import { formatAge } from '../live/words.js';
import type { View } from '../view.js';
import classes from './banner.module.css';

/** Alerts that are active now, newest first. */
export function AlertList({ data, view }: { data: LiveData; view: View }) {
  return [...data.alerts].reverse().map(({ code, camera, message, ts, owner, acknowledged }) => (
    <div key={`${code} ${camera}`} className={classes.banner} data-tone="warn">
      <IconAlertTriangle size="1.4rem" aria-hidden="true" />
      <p className={classes.text} role="alert">
        <strong>{camera === null ? code : `${camera} · ${code}`}</strong> {message}
        {acknowledged ? <em> Acknowledged by {acknowledged.by}.</em> : owner ? <em> For {owner}.</em> : null}
      </p>
      <span className={classes.age}>{formatAge(ageMs(ts, view.serverMs))}</span>
    </div>
  ));
}
