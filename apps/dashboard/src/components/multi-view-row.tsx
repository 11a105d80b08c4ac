import { VisuallyHidden } from '@mantine/core';
import { IconCircleDashed } from '@tabler/icons-react';
import { memo } from 'react';
import type { PartVerdict, PartView } from '#contracts';
import { explainPart, formatWhen } from '../live/words.js';
import classes from './multi-view-row.module.css';
import { useOutcomeWords } from './use-outcome-words.js';
import { toneOf, VerdictIcon } from './verdict-look.js';

export interface MultiViewRowProps {
  readonly part: PartVerdict;
  /** As `dayOf` gives it. */
  readonly today: string | null;
  readonly onOpen: (part: PartVerdict) => void;
}

/** A part of several views: why, when, and what each view said. Opens its details. */
export const MultiViewRow = memo(function MultiViewRow({ part, today, onOpen }: MultiViewRowProps) {
  const words = useOutcomeWords();
  return (
    <button type="button" className={classes.part} data-inspection={part.inspection} onClick={() => onOpen(part)}>
      <span className={classes.why} data-tone={toneOf(part.verdict)}>
        <VerdictIcon verdict={part.verdict} />
        <VisuallyHidden>{part.verdict}</VisuallyHidden>
        <span className={classes.text}>{part.verdict === 'PASS' ? words.pass : explainPart(part)}</span>
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
