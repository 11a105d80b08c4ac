import { SegmentedControl } from '@mantine/core';
import type { LiveCamera, Origin } from '#contracts';
import { challengesOf, figuresOf } from '../live/figures.js';
import { type Filter, originsSeen } from '../live/filter.js';
import type { LiveData } from '../live/live-state.js';
import { formatCount, formatShare, formatWhen, ORIGIN_WORDS } from '../live/words.js';
import { FigureTile } from './figure-tile.js';
import classes from './figures-strip.module.css';
import { useOutcomeWords } from './use-outcome-words.js';

export interface FiguresStripProps {
  readonly data: LiveData;
  readonly filter: Filter;
  /** null = none is known yet. */
  readonly origin: Origin | null;
  /** As `dayOf` gives it. */
  readonly today: string | null;
  readonly onOrigin: (origin: Origin) => void;
}

/** The shift in numbers, each with its denominator. */
export function FiguresStrip({ data, filter, origin, today, onOrigin }: FiguresStripProps) {
  const shown = data.cameras.filter(({ camera }) => filter.camera === null || camera === filter.camera);
  const sum = (count: 'late' | 'gaps' | 'duplicates'): number => shown.reduce((n, { counts }) => n + counts[count], 0);
  const origins = originsSeen(data);
  const since = `since ${formatWhen(data.startedTs, today).slice(0, -':00'.length)}`;
  return (
    <section className={classes.strip} aria-label="Counts">
      {origin === 'challenge' ? (
        <ChallengeTiles cameras={shown} since={since} />
      ) : (
        <VerdictTiles cameras={shown} origin={origin} since={since} />
      )}
      <FigureTile
        label="Frames missing"
        value={formatCount(sum('gaps'))}
        note={`${formatCount(sum('late'))} late · ${formatCount(sum('duplicates'))} duplicates`}
      />
      {origin !== null && origins.length > 1 && (
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

interface TilesProps {
  readonly cameras: readonly LiveCamera[];
  readonly since: string;
}

function VerdictTiles({ cameras, origin, since }: TilesProps & { readonly origin: Origin | null }) {
  const words = useOutcomeWords();
  const figures = figuresOf(cameras, origin);
  const inspected = formatCount(figures.inspected);
  return (
    <>
      <FigureTile
        label={words.yield}
        value={formatShare(figures.firstPassYield)}
        note={`${formatCount(figures.firstPass)} of ${formatCount(figures.first)} parts`}
      />
      <FigureTile
        label={words.rejectRate}
        value={formatShare(figures.rejectRate)}
        note={`${formatCount(figures.rejects)} of ${inspected} inspected`}
      />
      <FigureTile
        label="Inspected"
        value={inspected}
        note={origin === null ? since : `${ORIGIN_WORDS[origin].toLowerCase()}, ${since}`}
      />
      <FigureTile label="Pass" tone="pass" value={formatCount(figures.pass)} note={words.counted.PASS} />
      <FigureTile label="Fail" tone="fail" value={formatCount(figures.fail)} note={words.counted.FAIL} />
      <FigureTile
        label="Inconclusive"
        tone="inconclusive"
        value={formatCount(figures.inconclusive)}
        note={words.counted.INCONCLUSIVE}
      />
    </>
  );
}

/** A yield of known-bad parts would praise what was let through. */
function ChallengeTiles({ cameras, since }: TilesProps) {
  const { caught, missed, void: proveNothing } = challengesOf(cameras);
  return (
    <>
      <FigureTile label="Caught" value={formatCount(caught)} note={`challenge parts, ${since}`} />
      <FigureTile label="Missed" tone="fail" value={formatCount(missed)} note="let through by the model" />
      <FigureTile
        label="Void"
        tone="inconclusive"
        value={formatCount(proveNothing)}
        note="not looked at properly: prove nothing"
      />
    </>
  );
}
