import { VisuallyHidden } from '@mantine/core';
import { IconPhotoOff } from '@tabler/icons-react';
import { memo, useState } from 'react';
import type { Verdict } from '#contracts';
import { explainVerdict, formatWhen } from '../live/words.js';
import { useConnects } from '../live-context.js';
import classes from './part-tile.module.css';
import { useOutcomeWords } from './use-outcome-words.js';
import { pictureUrl } from './use-shown-frame.js';
import { toneOf, VerdictIcon } from './verdict-look.js';

/** A reject's picture may still be on its way to the disk. */
const RETRY_MS = 2_000;

export interface PartTileProps {
  readonly verdict: Verdict;
  /** CSS shape of the inspected region: the thumbnail shows that part of the picture, where the browser can. */
  readonly crop: string | undefined;
  /** As `dayOf` gives it. */
  readonly today: string | null;
  readonly onOpen: (verdict: Verdict) => void;
}

/** One part: its picture, why, when. Opens the details. */
export const PartTile = memo(function PartTile({ verdict, crop, today, onOpen }: PartTileProps) {
  const words = useOutcomeWords();
  const connects = useConnects();
  const [failed, setFailed] = useState({ connects, times: 0 });
  const failures = failed.connects === connects ? failed.times : 0;
  const isGone = failures > (verdict.verdict === 'PASS' ? 0 : 1);
  const retry = (): void => {
    const waitMs = failures === 0 && verdict.verdict !== 'PASS' ? RETRY_MS : 0;
    setTimeout(() => setFailed({ connects, times: failures + 1 }), waitMs);
  };
  const why = verdict.verdict === 'PASS' ? words.pass : explainVerdict(verdict);
  return (
    <button
      type="button"
      className={classes.tile}
      data-tone={toneOf(verdict.verdict)}
      data-frame={verdict.frameId}
      title={[why, verdict.camera, verdict.partId ?? verdict.frameId].join(' · ')}
      onClick={() => onOpen(verdict)}
    >
      <span className={classes.frame}>
        {isGone ? (
          <IconPhotoOff size="1.6rem" aria-hidden="true" />
        ) : (
          <img
            key={failures}
            src={pictureUrl(verdict.frameId)}
            alt=""
            loading="lazy"
            style={{ objectViewBox: crop }}
            onError={retry}
          />
        )}
        {verdict.challenge && <span className={classes.tag}>Challenge</span>}
      </span>
      <span className={classes.why}>
        <VerdictIcon verdict={verdict.verdict} />
        <VisuallyHidden>{verdict.verdict}</VisuallyHidden>
        <span className={classes.text}>{why}</span>
      </span>
      <span className={classes.where}>
        <span className={classes.text}>{verdict.camera}</span>
        {verdict.score !== null && <span className={classes.score}>{verdict.score.toFixed(2)}</span>}
      </span>
      <time className={classes.when} dateTime={verdict.ts.received}>
        {formatWhen(verdict.ts.received, today)}
      </time>
    </button>
  );
});
