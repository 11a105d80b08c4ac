import { SegmentedControl } from '@mantine/core';
import { useThrottledValue } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import type { MinuteBucket, Origin } from '#contracts';
import { type Counted, type TrendColumns, trendColumns } from '../live/figures.js';
import { formatShare } from '../live/words.js';
import { LineChart } from './line-chart.js';
import { Panel } from './panel.js';
import classes from './trend-panel.module.css';
import { useOutcomeWords } from './use-outcome-words.js';

const WINDOWS = [
  { value: '30', label: '30 min' },
  { value: '120', label: '2 h' },
  { value: '480', label: '8 h' },
];

/** Minutes need no ten frames a second. */
const REDRAW_MS = 1_000;

export interface TrendPanelProps {
  readonly trend: ReadonlyMap<string, MinuteBucket>;
  readonly counted: Counted;
  readonly camera: string | null;
  /** null = none is known yet. */
  readonly origin: Origin | null;
  readonly serverMs: number | null;
}

/** Reject rate as a p-chart and first-pass yield, minute by minute. */
export function TrendPanel({ trend, counted, camera, origin, serverMs }: TrendPanelProps) {
  const [minutes, setMinutes] = useState('30');
  const recent = useThrottledValue(trend, REDRAW_MS);
  const minuteNow = serverMs === null ? 0 : Math.floor(serverMs / 60_000) * 60_000;
  const columns = useMemo(
    () => trendColumns(recent.values(), { counted, camera, origin, minutes: Number(minutes), nowMs: minuteNow }),
    [recent, counted, camera, origin, minutes, minuteNow],
  );
  return (
    <Panel
      title="Per minute"
      tools={
        <SegmentedControl size="xs" aria-label="Time shown" data={WINDOWS} value={minutes} onChange={setMinutes} />
      }
    >
      {origin === 'challenge' ? (
        <p className={classes.none}>Challenge parts are no sample of the process: there is nothing to chart.</p>
      ) : (
        <div className={classes.charts}>
          <RejectChart columns={columns} />
          <YieldChart columns={columns} />
        </div>
      )}
    </Panel>
  );
}

function RejectChart({ columns }: { columns: TrendColumns }) {
  const words = useOutcomeWords();
  const mean = columns.seconds.map(() => columns.mean);
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>
        <b>{words.rejectRate}</b> {words.rejectRateOf}
        <span className={classes.legend}>
          <i className={classes.limit} /> 8 h mean {formatShare(columns.mean)} ± 3σ (p-chart)
        </span>
      </figcaption>
      <LineChart
        label={`${words.rejectRate} per minute, mean ${formatShare(columns.mean)}`}
        seconds={columns.seconds}
        marks={outOfLimits(columns)}
        lines={[
          { kind: 'limit', values: columns.lowerLimit, label: 'lower limit' },
          { kind: 'limit', values: columns.upperLimit, label: 'upper limit' },
          { kind: 'mean', values: mean, label: 'mean' },
          { kind: 'main', values: columns.rejectRate, label: words.rejectRate.toLowerCase() },
        ]}
      />
    </figure>
  );
}

function YieldChart({ columns }: { columns: TrendColumns }) {
  const words = useOutcomeWords();
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>
        <b>{words.yield}</b> {words.yieldOf}
      </figcaption>
      <LineChart
        label={`${words.yield} per minute`}
        seconds={columns.seconds}
        marks={[]}
        lines={[{ kind: 'main', values: columns.firstPassYield, label: words.yield.toLowerCase() }]}
      />
    </figure>
  );
}

/** Rows whose reject rate lies outside its control limits. */
function outOfLimits({ rejectRate, lowerLimit, upperLimit }: TrendColumns): number[] {
  return rejectRate.flatMap((rate, row) => {
    const isOut = rate !== null && (rate > (upperLimit[row] ?? 1) || rate < (lowerLimit[row] ?? 0));
    return isOut ? [row] : [];
  });
}
