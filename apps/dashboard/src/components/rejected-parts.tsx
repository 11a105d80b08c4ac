import { VisuallyHidden } from '@mantine/core';
import { IconCircleDashed } from '@tabler/icons-react';
import { memo } from 'react';
import type { PartVerdict, PartView } from '#contracts';
import { explainPart, formatWhen } from '../live/words.js';
import classes from './rejected-parts.module.css';
import { toneOf, VerdictIcon } from './verdict-look.js';

export interface RejectedPartsProps {
  /** Newest last. */
  readonly parts: readonly PartVerdict[];
  /** As `dayOf` gives it. */
  readonly today: string | null;
  readonly onOpen: (part: PartVerdict) => void;
}

/** Parts of several views that were rejected, newest first: why, and what each view said. */
export const RejectedParts = memo(function RejectedParts({ parts, today, onOpen }: RejectedPartsProps) {
  return (
    <ul className={classes.list} data-testid="rejected-parts">
      {parts.toReversed().map((part) => (
        <li key={part.inspection}>
          <button type="button" className={classes.part} onClick={() => onOpen(part)}>
            <span className={classes.why} data-tone={toneOf(part.verdict)}>
              <VerdictIcon verdict={part.verdict} />
              <VisuallyHidden>{part.verdict}</VisuallyHidden>
              <span className={classes.text}>{explainPart(part)}</span>
              {part.challenge && <span className={classes.tag}>Challenge</span>}
            </span>
            <span className={classes.where}>
              <span className={classes.text}>{part.partId}</span>
              <time dateTime={part.ts.first}>{formatWhen(part.ts.first, today)}</time>
            </span>
            <span className={classes.views}>
              {part.views.map((view) => (
                <View key={view.view} view={view} />
              ))}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
});

function View({ view: { view, camera, verdict } }: { view: PartView }) {
  return (
    <span className={classes.view} data-tone={verdict === null ? 'none' : toneOf(verdict)} title={camera}>
      {verdict === null ? <IconCircleDashed size="1em" aria-hidden="true" /> : <VerdictIcon verdict={verdict} />}
      {view}
      {verdict === null ? ' missing' : <VisuallyHidden> {verdict}</VisuallyHidden>}
    </span>
  );
}
