import { useEffect, useState } from 'react';
import type { Origin } from '#contracts';
import classes from './app.module.css';
import { AlertList } from './components/alert-list.js';
import { CameraGrid } from './components/camera-grid.js';
import { FiguresStrip } from './components/figures-strip.js';
import { Header } from './components/header.js';
import { PartsPanel } from './components/parts-panel.js';
import { ShadowBanner } from './components/shadow-banner.js';
import { StaleBanner } from './components/stale-banner.js';
import { TrendPanel } from './components/trend-panel.js';
import { OutcomeWordsContext } from './components/use-outcome-words.js';
import { Welcome } from './components/welcome.js';
import { countedOf } from './live/figures.js';
import { type Filter, ownOrigin, readFilter, writeFilter } from './live/filter.js';
import type { LiveData } from './live/live-state.js';
import { outcomeWords } from './live/outcome-words.js';
import { useLive, useNowMs } from './live-context.js';
import { viewAt } from './view.js';

/** The whole page: what the inspector last said, and how much of it may be believed now. */
export function App() {
  const state = useLive();
  const nowMs = useNowMs();
  const [filter, setFilter] = useFilter();
  const [chosenOrigin, setChosenOrigin] = useState<Origin | null>(null);
  const view = viewAt(state, nowMs);
  const { data } = state;
  if (data === null) return <Welcome state={state} nowMs={nowMs} />;

  const origin = chosenOrigin ?? ownOrigin(data);
  const counted = countedOf(data.parts, filter.camera);
  const cameras = data.cameras.filter(({ camera }) => filter.camera === null || camera === filter.camera);
  return (
    <div className={classes.page} data-stale={view.isStale}>
      <title>{titleOf(data, view.isStale)}</title>
      <Header state={state} data={data} view={view} nowMs={nowMs} filter={filter} onFilter={setFilter} />
      <section aria-label="Warnings" className={classes.warnings}>
        <StaleBanner state={state} view={view} nowMs={nowMs} />
        <ShadowBanner data={data} />
        <AlertList data={data} view={view} />
      </section>
      <main className={classes.main}>
        <OutcomeWordsContext value={outcomeWords(data, counted)}>
          <FiguresStrip {...{ data, filter, counted, origin }} today={view.today} onOrigin={setChosenOrigin} />
          <CameraGrid cameras={cameras} view={view} onAll={() => setFilter({ ...filter, camera: null })} />
          <div className={classes.side}>
            <TrendPanel
              trend={data.trend}
              counted={counted}
              camera={filter.camera}
              origin={origin}
              serverMs={view.serverMs}
            />
            <PartsPanel data={data} view={view} filter={filter} onFilter={setFilter} />
          </div>
        </OutcomeWordsContext>
      </main>
    </div>
  );
}

/** The filter, kept in the address so that a wall screen comes back as it was. */
function useFilter(): [Filter, (filter: Filter) => void] {
  const [filter, setFilter] = useState(() => readFilter(location.search));
  useEffect(() => history.replaceState(null, '', `${location.pathname}${writeFilter(filter)}`), [filter]);
  return [filter, setFilter];
}

/** A shadow's tab stands beside the line's: it says which it is. */
function titleOf({ station, shadow }: LiveData, isStale: boolean): string {
  const marks = [...(isStale ? ['STALE'] : []), ...(shadow ? ['Shadow'] : [])];
  return [...marks, ...station.split('/').slice(-2), 'Lineside'].join(' · ');
}
