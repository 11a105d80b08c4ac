import { IconPhotoOff } from '@tabler/icons-react';
import { memo, useState } from 'react';
import type { Region, Verdict } from '#contracts';
import { formatTime, REASON_WORDS } from '../live/words.js';
import classes from './part-tile.module.css';
import { pictureUrl } from './use-shown-frame.js';
import { toneOf, VerdictIcon } from './verdict-look.js';

export interface PartTileProps {
  readonly verdict: Verdict;
  /** The camera's region now: the thumbnail shows that part of the picture, where the browser can. */
  readonly roi: Region | null;
  readonly onOpen: (verdict: Verdict) => void;
}

/** One part: its picture, why, when. Opens the details. */
export const PartTile = memo(function PartTile({ verdict, roi, onOpen }: PartTileProps) {
  const [isGone, setGone] = useState(false);
  const why = verdict.defectClass ?? (verdict.verdict === 'PASS' ? 'pass' : REASON_WORDS[verdict.reason]);
  return (
    <button
      type="button"
      className={classes.tile}
      data-tone={toneOf(verdict.verdict)}
      data-frame={verdict.frameId}
      onClick={() => onOpen(verdict)}
      aria-label={`${verdict.verdict}, ${why}, ${verdict.camera}, ${formatTime(verdict.ts.received)}: show details`}
    >
      <span className={classes.frame}>
        {isGone ? (
          <IconPhotoOff size="1.6rem" aria-hidden="true" />
        ) : (
          <img
            src={pictureUrl(verdict.frameId)}
            alt=""
            loading="lazy"
            style={cropTo(roi)}
            onError={() => setGone(true)}
          />
        )}
        {verdict.challenge && <span className={classes.tag}>Challenge</span>}
      </span>
      <span className={classes.why}>
        <VerdictIcon verdict={verdict.verdict} />
        <span className={classes.text}>{why}</span>
        {verdict.score !== null && <span className={classes.score}>{verdict.score.toFixed(2)}</span>}
      </span>
      <span className={classes.when}>
        <span>{verdict.camera}</span>
        <time dateTime={verdict.ts.received}>{formatTime(verdict.ts.received)}</time>
      </span>
    </button>
  );
});

function cropTo(roi: Region | null): React.CSSProperties | undefined {
  return roi === null ? undefined : { objectViewBox: `xywh(${roi.x}px ${roi.y}px ${roi.width}px ${roi.height}px)` };
}
