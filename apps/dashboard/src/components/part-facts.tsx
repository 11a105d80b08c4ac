import type { Verdict } from '#contracts';
import { explainWindow, formatClass, formatMoment, formatPlace } from '../live/words.js';
import classes from './part-facts.module.css';

/** What the record says, in the words of the record: for the person who has to trace this part. */
export function PartFacts({ verdict }: { verdict: Verdict }) {
  const { latencyMs } = verdict;
  const rows: readonly FactRow[] = [
    ['Part', verdict.partId ?? '–'],
    ['Lot', verdict.lot ?? '–'],
    ['Camera', verdict.view === null ? verdict.camera : `${verdict.camera}, view ${verdict.view}`],
    ['Recipe', verdict.recipe],
    ['Model', verdict.model?.id ?? 'none'],
    ['Computed by', formatPlace(verdict.model)],
    ['Reason', verdict.reason],
    ['Grey zone', verdict.greyZone === null ? '–' : verdict.greyZone.map((edge) => edge.toFixed(3)).join(' to ')],
    ...(verdict.novelty === undefined
      ? []
      : [
          [
            'Unlike training',
            `${verdict.novelty.distance.toFixed(2)}, judged up to ${verdict.novelty.limit.toFixed(2)}`,
          ] as const,
        ]),
    ['Captured', formatMoment(verdict.ts.capture)],
    ['Received', formatMoment(verdict.ts.received)],
    ['Decided', formatMoment(verdict.ts.decided)],
    ['Window', explainWindow(verdict)],
    [
      'Stations',
      Object.entries(latencyMs)
        .map(([station, ms]) => `${station} ${Math.round(ms)} ms`)
        .join(' · '),
    ],
    ['Frame', `${verdict.frameId}${verdict.identity === 'derived' ? ' (derived)' : ''}`],
    ['Marks', marksOf(verdict)],
  ];
  return (
    <div className={classes.facts}>
      {verdict.scores !== null && <ClassScores scores={verdict.scores} />}
      <FactList rows={rows} />
    </div>
  );
}

export type FactRow = readonly [label: string, value: string];

/** What a record says, line by line. */
export function FactList({ rows }: { rows: readonly FactRow[] }) {
  return (
    <dl className={classes.list}>
      {rows.map(([label, value]) => (
        <div key={label} className={classes.row}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function ClassScores({ scores }: { scores: Readonly<Record<string, number>> }) {
  const sorted = Object.entries(scores).sort(([, a], [, b]) => b - a);
  return (
    <ul className={classes.scores} aria-label="Probability of each class">
      {sorted.map(([label, p]) => (
        <li key={label} className={classes.score}>
          <span className={classes.label}>{formatClass(label)}</span>
          <span className={classes.track} aria-hidden="true">
            <span style={{ width: `${p * 100}%` }} />
          </span>
          <span>{p.toFixed(3)}</span>
        </li>
      ))}
    </ul>
  );
}

const MARKS = ['simulated', 'challenge', 'historical', 'late'] as const;

/** What else there is to say of a frame or part. */
export function marksOf(record: Pick<Verdict, (typeof MARKS)[number] | 'recorded'>): string {
  const marks = MARKS.filter((mark) => record[mark]);
  const all = record.recorded ? marks : [...marks, 'not recorded'];
  return all.length === 0 ? 'none' : all.join(', ');
}
