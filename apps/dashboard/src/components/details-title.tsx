import type { Decision } from '#contracts';
import { groupAlerts, isOver } from '../live/alerts.js';
import { useLive } from '../live-context.js';
import classes from './part-details.module.css';
import { toneOf, VerdictIcon } from './verdict-look.js';

export interface DetailsTitleProps {
  readonly verdict: Decision;
  readonly why: string;
  /** What becomes of it, and what it is of. */
  readonly notes: readonly string[];
  /** The page behind hears nothing: its banner is covered. */
  readonly isStale: boolean;
}

/** Title of a frame's or part's details: the verdict first. */
export function DetailsTitle({ verdict, why, notes, isStale }: DetailsTitleProps) {
  const alarms = groupAlerts(useLive().data?.alerts ?? []).filter((group) => !group.acknowledged && !isOver(group));
  return (
    <span className={classes.title} data-tone={toneOf(verdict)}>
      <VerdictIcon verdict={verdict} /> {verdict}
      <span className={classes.why}>{why}</span>
      {notes.map((note) => (
        <span key={note} className={classes.outcome}>
          {note}
        </span>
      ))}
      {isStale ? (
        <span className={classes.stale} role="status">
          Stale: this page hears nothing from the line
        </span>
      ) : (
        // Covered, too.
        alarms.length > 0 && (
          <span className={classes.alarms} role="status">
            {alarms.length === 1 ? `Alarm ${alarms[0]?.code}` : `${alarms.length} alarms`} nobody has acknowledged
          </span>
        )
      )}
    </span>
  );
}
