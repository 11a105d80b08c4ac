import { IconPhotoOff } from '@tabler/icons-react';
import type { Region, Verdict } from '#contracts';
import classes from './frame-picture.module.css';
import { PictureView } from './picture-view.js';
import type { ShownPicture } from './use-shown-frame.js';

export interface FramePictureProps {
  readonly picture: ShownPicture | 'gone' | null;
  readonly roi: Region | null;
  readonly verdict: Verdict | null;
  /** Show the region and a little around it, where a whole frame would be too small to see anything. */
  readonly isClose: boolean;
  /** The picture is not of this moment. */
  readonly isDimmed: boolean;
}

/** A frame with its region of interest, and in words over it what kind of frame it is. */
export function FramePicture({ picture, roi, verdict, isClose, isDimmed }: FramePictureProps) {
  return (
    <div className={classes.well} data-dimmed={isDimmed}>
      {picture !== null && picture !== 'gone' && (
        <PictureView picture={picture} roi={roi} isClose={isClose} label={`Frame ${verdict?.frameId ?? ''}`} />
      )}
      {picture === 'gone' && (
        <p className={classes.gone}>
          <IconPhotoOff size="2.5rem" aria-hidden="true" />
          Picture cannot be shown
        </p>
      )}
      {verdict !== null && (
        <div className={classes.tags}>
          {verdict.simulated && <span className={classes.tag}>Simulated</span>}
          {verdict.challenge && <span className={classes.tag}>Challenge part</span>}
          {verdict.late && <span className={classes.tag}>Late</span>}
        </div>
      )}
      {verdict !== null && <p className={classes.part}>{verdict.partId ?? verdict.frameId}</p>}
    </div>
  );
}
