import { Loader } from '@mantine/core';
import { IconPhotoOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Region } from '#contracts';
import { useConnects } from '../live-context.js';
import classes from './part-picture.module.css';
import { PictureView } from './picture-view.js';
import { pictureUrl, type ShownPicture } from './use-shown-frame.js';

/** A part's picture as large as the window allows. */
export function PartPicture({ frameId, roi }: { frameId: string; roi: Region | null }) {
  const picture = usePicture(pictureUrl(frameId));
  return (
    <div className={classes.well}>
      {picture === null && <Loader size="sm" className={classes.gone} />}
      {picture === 'gone' && (
        <p className={classes.gone}>
          <IconPhotoOff size="3rem" aria-hidden="true" />
          No picture: it was not kept, or cannot be shown.
        </p>
      )}
      {picture !== null && picture !== 'gone' && <PictureView picture={picture} roi={roi} label={`Frame ${frameId}`} />}
    </div>
  );
}

/** The picture once its size is known; null while it loads. */
function usePicture(url: string): ShownPicture | 'gone' | null {
  const connects = useConnects();
  const [picture, setPicture] = useState<ShownPicture | 'gone' | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: one that failed may be had when the inspector is back
  useEffect(() => {
    let isWanted = true;
    const image = new Image();
    image.onload = () => isWanted && setPicture({ url, width: image.naturalWidth, height: image.naturalHeight });
    image.onerror = () => isWanted && setPicture('gone');
    image.src = url;
    return () => {
      isWanted = false;
    };
  }, [url, connects]);
  return picture;
}
