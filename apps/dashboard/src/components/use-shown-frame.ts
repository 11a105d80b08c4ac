import { useEffect, useRef, useState } from 'react';
import type { LiveCamera, Verdict } from '#contracts';

/** The eye follows no more; a wall screen on a slow link should not fetch more. */
const MIN_INTERVAL_MS = 150;

export interface ShownPicture {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** A verdict and, when there is one, the very picture it speaks of. */
export interface ShownFrame {
  readonly verdict: Verdict | null;
  /** `null`: no frame yet; `gone`: this frame's picture cannot be had or shown. */
  readonly picture: ShownPicture | 'gone' | null;
}

/**
 * Follows a camera's last verdict, one picture after the other: the next is fetched when the last is on the screen, so
 * a fast line skips pictures instead of queueing them, and verdict and picture always belong together.
 */
export function useShownFrame(camera: LiveCamera): ShownFrame {
  const [shown, setShown] = useState<ShownFrame>({ verdict: null, picture: null });
  const latest = useRef(camera);
  latest.current = camera;
  useEffect(() => {
    const stop = new AbortController();
    void follow({ latest: () => latest.current, show: setShown, signal: stop.signal });
    return () => stop.abort();
  }, []);
  return shown;
}

interface Following {
  readonly latest: () => LiveCamera;
  readonly show: (frame: ShownFrame) => void;
  readonly signal: AbortSignal;
}

async function follow({ latest, show, signal }: Following): Promise<void> {
  let shownId: string | null = null;
  let shownUrl: string | null = null;
  const put = (frame: ShownFrame): void => {
    shownId = frame.verdict?.frameId ?? null;
    show(frame);
    if (shownUrl !== null) URL.revokeObjectURL(shownUrl);
    shownUrl = frame.picture === null || frame.picture === 'gone' ? null : frame.picture.url;
  };
  while (!signal.aborted) {
    const { lastVerdict: verdict, pictureFrameId } = latest();
    // A restarted inspector knows no part yet: the last one of its former life is not in front of the camera.
    if (verdict === null && shownId !== null) put({ verdict: null, picture: null });
    if (verdict !== null && verdict.frameId !== shownId) {
      const picture = pictureFrameId === verdict.frameId ? await loadPicture(verdict.frameId, signal) : 'gone';
      if (signal.aborted) break;
      put({ verdict, picture });
    }
    await new Promise((resolve) => setTimeout(resolve, MIN_INTERVAL_MS));
  }
  if (shownUrl !== null) URL.revokeObjectURL(shownUrl);
}

/** Live frames are looked at once: past the browser's cache. */
async function loadPicture(frameId: string, signal: AbortSignal): Promise<ShownPicture | 'gone'> {
  let url: string | null = null;
  try {
    const response = await fetch(pictureUrl(frameId), { cache: 'no-store', signal });
    if (!response.ok) return 'gone';
    url = URL.createObjectURL(await response.blob());
    const image = new Image();
    image.src = url;
    await image.decode();
    return { url, width: image.naturalWidth, height: image.naturalHeight };
  } catch {
    // Not there any more, or nothing a browser can show; the card says so in its place.
    if (url !== null) URL.revokeObjectURL(url);
    return 'gone';
  }
}

export function pictureUrl(frameId: string): string {
  return `/api/frames/${encodeURIComponent(frameId)}/picture`;
}
