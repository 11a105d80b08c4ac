import { IconPhotoOff } from '@tabler/icons-react';
import { useState } from 'react';
import type { Region } from '#contracts';
import classes from './part-picture.module.css';
import { RegionOverlay } from './region-overlay.js';
import { pictureUrl } from './use-shown-frame.js';

/** A part's picture as large as the window allows. */
export function PartPicture({ frameId, roi }: { frameId: string; roi: Region | null }) {
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const [isGone, setGone] = useState(false);
  if (isGone) {
    return (
      <div className={classes.well}>
        <p className={classes.gone}>
          <IconPhotoOff size="3rem" aria-hidden="true" />
          No picture: it was not kept, or cannot be shown.
        </p>
      </div>
    );
  }
  return (
    <div className={classes.well}>
      <img
        className={classes.picture}
        src={pictureUrl(frameId)}
        alt={`Frame ${frameId}`}
        onError={() => setGone(true)}
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
          setSize({ width: naturalWidth, height: naturalHeight })
        }
      />
      {size !== null && <RegionOverlay roi={roi} {...size} />}
    </div>
  );
}
