import type { PartVerdict } from '#contracts';
import { formatMoment } from '../live/words.js';
import { FactList, type FactRow, marksOf } from './part-facts.js';
import classes from './part-facts.module.css';

/** What the record says of a part of several views, in the words of the record. */
export function MultiViewFacts({ part }: { part: PartVerdict }) {
  const rows: readonly FactRow[] = [
    ['Part', part.partId],
    ['Lot', part.lot ?? '–'],
    ['Reason', part.reason],
    ['Worst score', part.score === null ? '–' : part.score.toFixed(3)],
    ...part.views.map((each): FactRow => [`View ${each.view}`, sayView(each)]),
    ['First view', formatMoment(part.ts.first)],
    ['Decided', formatMoment(part.ts.decided)],
    ['Window', windowOf(part)],
    ['Inspection', part.inspection],
    ['Marks', marksOf(part)],
  ];
  return (
    <div className={classes.facts}>
      <FactList rows={rows} />
    </div>
  );
}

function sayView({ camera, frameId, verdict, reason }: PartVerdict['views'][number]): string {
  return verdict === null ? `${camera}: missing` : `${camera}: ${verdict}, ${reason}, frame ${frameId}`;
}

function windowOf({ deadlineMs, late, ts }: PartVerdict): string {
  const tookMs = Date.parse(ts.decided) - Date.parse(ts.first);
  return `${deadlineMs} ms, decided ${tookMs} ms after the first view came${late ? ', late' : ''}`;
}
