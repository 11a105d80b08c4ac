import type { Decision } from '#contracts';
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
  return (
    <span className={classes.title} data-tone={toneOf(verdict)}>
      <VerdictIcon verdict={verdict} /> {verdict}
      <span className={classes.why}>{why}</span>
      {notes.map((note) => (
        <span key={note} className={classes.outcome}>
          {note}
        </span>
      ))}
      {isStale && (
        <span className={classes.stale} role="status">
          Stale: this page hears nothing from the line
        </span>
      )}
    </span>
  );
}
