import { SegmentedControl } from '@mantine/core';
import type { LiveCamera, LiveParts, Origin } from '#contracts';
import { type Counted, challengesOf, figuresOf } from '../live/figures.js';
import { type Filter, originsSeen } from '../live/filter.js';
import type { LiveData } from '../live/live-state.js';
import { formatCount, formatShare, formatWhen, ORIGIN_WORDS } from '../live/words.js';
import { FigureTile } from './figure-tile.js';
import classes from './figures-strip.module.css';
import { useOutcomeWords } from './use-outcome-words.js';

export interface FiguresStripProps {
  readonly data: LiveData;
  readonly filter: Filter;
  readonly counted: Counted;
  /** null = none is known yet. */
  readonly origin: Origin | null;
  /** As `dayOf` gives it. */
  readonly today: string | null;
  readonly onOrigin: (origin: Origin) => void;
}

/** The shift in numbers, each with its denominator: of parts where they have several views, else of frames. */
export function FiguresStrip({ data, filter, counted, origin, today, onOrigin }: FiguresStripProps) {
  const shown = data.cameras.filter(({ camera }) => filter.camera === null || camera === filter.camera);
  const sum = (count: 'late' | 'gaps' | 'duplicates'): number => shown.reduce((n, { counts }) => n + counts[count], 0);
  const origins = originsSeen(data);
  const since = `since ${formatWhen(data.startedTs, today).slice(0, -':00'.length)}`;
  return (
    <section className={classes.strip} aria-label="Counts">
      {origin === 'challenge' ? (
        <ChallengeTiles cameras={shown} since={since} />
      ) : (
        <VerdictTiles cameras={shown} parts={counted === 'parts' ? data.parts : null} origin={origin} since={since} />
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

interface VerdictTilesProps extends TilesProps {
  /** Counted instead of what the cameras saw; null = these. */
  readonly parts: LiveParts | null;
  readonly origin: Origin | null;
}

function VerdictTiles({ cameras, parts, origin, since }: VerdictTilesProps) {
  const words = useOutcomeWords();
  const figures = figuresOf(parts === null ? cameras : [parts], origin);
  const lacking = parts === null || origin === null ? 0 : parts.missingView[origin];
  const inspected = formatCount(figures.inspected);
  return (
    <>
      <FigureTile
        label={words.yield}
        value={formatShare(figures.firstPassYield)}
        note={`${formatCount(figures.firstPass)} of ${formatCount(figures.first)} ${words.ofFirst}`}
      />
      <FigureTile
        label={words.rejectRate}
        value={formatShare(figures.rejectRate)}
        note={`${formatCount(figures.rejects)} of ${inspected} ${words.ofAll}`}
      />
      <FigureTile
        label={words.inspected}
        value={inspected}
        note={origin === null ? since : `${ORIGIN_WORDS[origin].toLowerCase()}, ${since}`}
      />
      <FigureTile label="Pass" tone="pass" value={formatCount(figures.pass)} note={words.counted.PASS} />
      <FigureTile label="Fail" tone="fail" value={formatCount(figures.fail)} note={words.counted.FAIL} />
      <FigureTile
        label="Inconclusive"
        tone="inconclusive"
        value={formatCount(figures.inconclusive)}
        note={lacking === 0 ? words.counted.INCONCLUSIVE : `${formatCount(lacking)} lack a view`}
      />
    </>
  );
}

/** A yield of known-bad parts would praise what was let through. */
function ChallengeTiles({ cameras, since }: TilesProps) {
  const words = useOutcomeWords();
  const { caught, missed, void: proveNothing } = challengesOf(cameras);
  return (
    <>
      <FigureTile label="Caught" value={formatCount(caught)} note={`${words.challenges}, ${since}`} />
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
