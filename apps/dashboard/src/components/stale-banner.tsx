import { IconAntennaBarsOff } from '@tabler/icons-react';
import { dataAgeMs } from '../live/freshness.js';
import type { Link, LiveState } from '../live/live-state.js';
import { FOREIGN_WORDS, formatAge, REFUSED_WORDS } from '../live/words.js';
import type { View } from '../view.js';
import classes from './banner.module.css';

const WHY: Record<Link, string> = {
  connecting: 'Connecting to the inspector.',
  connected: 'Connected, but the inspector sends nothing. If that lasts, this page connects anew.',
  disconnected: 'The inspector cannot be reached. Trying again.',
  foreign: FOREIGN_WORDS,
  refused: REFUSED_WORDS,
};

/** Says that nothing below is of this moment. */
export function StaleBanner({ state, view, nowMs }: { state: LiveState; view: View; nowMs: number }) {
  if (!view.isStale) return null;
  return (
    <div className={classes.banner} data-tone="bad" data-testid="stale">
      <IconAntennaBarsOff size="2rem" aria-hidden="true" />
      <p className={classes.text} role="alert">
        <strong>Stale: this page hears nothing from the line.</strong> {WHY[state.link]}
      </p>
      <span className={classes.age}>{formatAge(dataAgeMs(state, nowMs))} old</span>
    </div>
  );
}
