import { Loader } from '@mantine/core';
import { STALE_AFTER_MS } from '../live/freshness.js';
import type { LiveState } from '../live/live-state.js';
import { FOREIGN_WORDS, REFUSED_WORDS } from '../live/words.js';
import classes from './welcome.module.css';

const CONNECTING = 'Connecting to the inspector …';

/** Before the first snapshot: the page knows nothing and says so. */
export function Welcome({ state, nowMs }: { state: LiveState; nowMs: number }) {
  const words = describe(state, nowMs > STALE_AFTER_MS);
  return (
    <main className={classes.welcome}>
      <img src="/favicon.svg" alt="" className={classes.logo} />
      <h1 className={classes.title}>Lineside</h1>
      <p role={words === CONNECTING ? 'status' : 'alert'} className={classes.text}>
        {words}
      </p>
      <Loader size="sm" aria-hidden="true" />
    </main>
  );
}

function describe({ link }: LiveState, isLate: boolean): string {
  if (link === 'foreign') return FOREIGN_WORDS;
  if (link === 'refused') return REFUSED_WORDS;
  return isLate ? 'No answer from the inspector. Is it running? Trying again.' : CONNECTING;
}
