import { IconCircleDashed, IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react';
import type { Filter } from '../live/filter.js';
import { dataAgeMs } from '../live/freshness.js';
import type { LiveData, LiveState } from '../live/live-state.js';
import { formatAge, formatTime, formatZone } from '../live/words.js';
import type { View } from '../view.js';
import { CameraFilter } from './camera-filter.js';
import classes from './header.module.css';
import { ThemeToggle } from './theme-toggle.js';

export interface HeaderProps {
  readonly state: LiveState;
  readonly data: LiveData;
  readonly view: View;
  readonly nowMs: number;
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
}

/** Where this is, whether it is real, and whether the page hears anything. */
export function Header({ state, data, view, nowMs, filter, onFilter }: HeaderProps) {
  const levels = data.station.split('/');
  return (
    <header className={classes.header}>
      <img src="/favicon.svg" alt="" className={classes.logo} />
      <div>
        <h1 className={classes.station}>{levels.slice(-2).join(' · ')}</h1>
        <p className={classes.place}>
          {levels.slice(0, -2).join(' / ')} · {data.inspectorId}
        </p>
      </div>
      {data.simulated && <strong className={classes.simulated}>Simulated</strong>}
      <CameraFilter
        cameras={data.cameras}
        camera={filter.camera}
        onCamera={(camera) => onFilter({ ...filter, camera })}
      />
      <div className={classes.end}>
        <Broker isConnected={data.brokerConnected} isKnown={!view.isStale} />
        <span className={classes.pill} data-tone={view.isStale ? 'bad' : 'good'} data-testid="link">
          <span className={classes.dot} aria-hidden="true" />
          {view.isStale ? 'No data' : 'Live'}
          <span className={classes.age}>{formatAge(dataAgeMs(state, nowMs))}</span>
        </span>
        {view.serverMs !== null && (
          <span className={classes.clock} title="The zone of every time on this page">
            <time>{formatTime(view.serverMs)}</time> <span className={classes.zone}>{formatZone(view.serverMs)}</span>
          </span>
        )}
        <ThemeToggle />
      </div>
    </header>
  );
}

function Broker({ isConnected, isKnown }: { isConnected: boolean; isKnown: boolean }) {
  if (!isKnown) {
    return (
      <span className={classes.pill}>
        <IconCircleDashed size="1.1em" aria-hidden="true" /> Broker unknown
      </span>
    );
  }
  return isConnected ? (
    <span className={classes.pill}>
      <IconPlugConnected size="1.1em" aria-hidden="true" /> Broker connected
    </span>
  ) : (
    <span className={classes.pill} data-tone="bad">
      <IconPlugConnectedX size="1.1em" aria-hidden="true" /> No broker
    </span>
  );
}
