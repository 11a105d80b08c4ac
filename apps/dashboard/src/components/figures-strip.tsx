import { SegmentedControl } from '@mantine/core';
import type { Origin } from '#contracts';
import { figuresOf } from '../live/figures.js';
import { type Filter, originsSeen } from '../live/filter.js';
import type { LiveData } from '../live/live-state.js';
import { formatCount, formatShare, formatTime, ORIGIN_WORDS } from '../live/words.js';
import { FigureTile } from './figure-tile.js';
import classes from './figures-strip.module.css';

export interface FiguresStripProps {
  readonly data: LiveData;
  readonly filter: Filter;
  readonly origin: Origin;
  readonly onOrigin: (origin: Origin) => void;
}

/** The shift in numbers, each with its denominator. */
export function FiguresStrip({ data, filter, origin, onOrigin }: FiguresStripProps) {
  const figures = figuresOf(data.cameras, { camera: filter.camera, origin });
  const shown = data.cameras.filter(({ camera }) => filter.camera === null || camera === filter.camera);
  const sum = (count: 'late' | 'gaps' | 'duplicates'): number => shown.reduce((n, { counts }) => n + counts[count], 0);
  const origins = originsSeen(data);
  const inspected = formatCount(figures.inspected);
  return (
    <section className={classes.strip} aria-label="Counts">
      <FigureTile
        label="First-pass yield"
        value={formatShare(figures.firstPassYield)}
        note={`${formatCount(figures.firstPass)} of ${formatCount(figures.first)} parts`}
      />
      <FigureTile
        label="Reject rate"
        value={formatShare(figures.rejectRate)}
        note={`${formatCount(figures.rejects)} of ${inspected} inspected`}
      />
      <FigureTile
        label="Inspected"
        value={inspected}
        note={`${ORIGIN_WORDS[origin].toLowerCase()}, since ${formatTime(data.startedTs).slice(0, 5)}`}
      />
      <FigureTile label="Pass" tone="pass" value={formatCount(figures.pass)} note="passed" />
      <FigureTile label="Fail" tone="fail" value={formatCount(figures.fail)} note="rejected: defect" />
      <FigureTile
        label="Inconclusive"
        tone="inconclusive"
        value={formatCount(figures.inconclusive)}
        note="rejected: no decision"
      />
      <FigureTile
        label="Frames missing"
        value={formatCount(sum('gaps'))}
        note={`${formatCount(sum('late'))} late · ${formatCount(sum('duplicates'))} duplicates`}
      />
      {origins.length > 1 && (
        <div className={classes.origin}>
          <SegmentedControl
            orientation="vertical"
            size="xs"
            aria-label="Stream counted"
            value={origin}
            onChange={(value) => onOrigin(value)}
            data={origins.map((value) => ({ value, label: ORIGIN_WORDS[value] }))}
          />
        </div>
      )}
    </section>
  );
}
