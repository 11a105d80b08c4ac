import { Loader } from '@mantine/core';
import { STALE_AFTER_MS } from '../live/freshness.js';
import type { LiveState } from '../live/live-state.js';
import classes from './welcome.module.css';

/** Before the first snapshot: the page knows nothing and says so. */
export function Welcome({ state, nowMs }: { state: LiveState; nowMs: number }) {
  const isLate = nowMs > STALE_AFTER_MS;
  return (
    <main className={classes.welcome}>
      <img src="/favicon.svg" alt="" className={classes.logo} />
      <h1 className={classes.title}>Lineside</h1>
      <p role={isLate ? 'alert' : 'status'} className={classes.text}>
        {state.link === 'refused'
          ? 'The inspector serves as many pages as it may. Close another one; trying again.'
          : isLate
            ? 'No answer from the inspector. Is it running? Trying again.'
            : 'Connecting to the inspector …'}
      </p>
      <Loader size="sm" aria-hidden="true" />
    </main>
  );
}
