import { VisuallyHidden } from '@mantine/core';
import { IconCircleDashed } from '@tabler/icons-react';
import type { PartView, Region, Verdict } from '#contracts';
import { explainVerdict } from '../live/words.js';
import { PartPicture } from './part-picture.js';
import { useOutcomeWords } from './use-outcome-words.js';
import { toneOf, VerdictIcon } from './verdict-look.js';
import classes from './view-tile.module.css';

export interface ViewTileProps {
  readonly view: PartView;
  /** On its frame; null until it came. */
  readonly verdict: Verdict | null;
  readonly roi: Region | null;
  readonly onOpen: (verdict: Verdict) => void;
}

/** One view of a part: its picture and what it said. Opens the details of its frame. */
export function ViewTile({ view: { view, camera, frameId, verdict: word }, verdict, roi, onOpen }: ViewTileProps) {
  if (frameId === null || word === null) {
    return (
      <div className={classes.tile} data-tone="none">
        <p className={classes.missing}>
          <IconCircleDashed size="3rem" aria-hidden="true" />
          No verdict on this view within the window
        </p>
        <Caption view={view} camera={camera} why="missing" icon={<IconCircleDashed size="1em" aria-hidden="true" />} />
      </div>
    );
  }
  return (
    <button
      type="button"
      className={classes.tile}
      data-tone={toneOf(word)}
      data-frame={frameId}
      disabled={verdict === null}
      onClick={() => verdict && onOpen(verdict)}
    >
      <PartPicture key={frameId} frameId={frameId} roi={roi} />
      <Caption
        view={view}
        camera={camera}
        why={<Why word={word} verdict={verdict} />}
        icon={<VerdictIcon verdict={word} />}
      />
    </button>
  );
}

/** The word is known at once, why it was said when its frame's verdict came. */
function Why({ word, verdict }: { word: Verdict['verdict']; verdict: Verdict | null }) {
  const words = useOutcomeWords();
  const why = verdict && explainVerdict(verdict);
  return (
    <>
      <VisuallyHidden>{word}</VisuallyHidden>
      {word === 'PASS' ? words.pass : why}
    </>
  );
}

interface CaptionProps {
  readonly view: string;
  readonly camera: string;
  readonly why: React.ReactNode;
  readonly icon: React.ReactNode;
}

function Caption({ view, camera, why, icon }: CaptionProps) {
  return (
    <span className={classes.caption}>
      <span className={classes.why}>
        {icon} {view}: {why}
      </span>
      <span className={classes.camera}>{camera}</span>
    </span>
  );
}
