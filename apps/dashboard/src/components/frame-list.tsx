import { useCallback, useRef, useState } from 'react';
import type { LiveCamera, Region, Verdict } from '#contracts';
import { FRAMES } from '../live/kinds.js';
import type { LiveData } from '../live/live-state.js';
import type { View } from '../view.js';
import classes from './frame-list.module.css';
import { OlderButton } from './older-button.js';
import { type OpenedPart, PartDetails } from './part-details.js';
import { PartTile } from './part-tile.js';
import { useListed, type Wanted } from './use-listed.js';

export interface FrameListProps {
  readonly data: LiveData;
  readonly view: View;
  readonly wanted: Wanted;
}

/** What the cameras saw, each with its picture; one opens its details. */
export function FrameList({ data, view, wanted }: FrameListProps) {
  const [opened, setOpened] = useState<OpenedPart | null>(null);
  const history = useListed(FRAMES, data, wanted);
  const { records } = history;
  const tiles = useRef(records);
  tiles.current = records;
  const open = useCallback((verdict: Verdict) => setOpened({ verdict, parts: tiles.current }), []);
  return (
    <>
      <ul className={classes.list} data-testid="parts">
        {records.map((verdict) => (
          <li key={verdict.frameId}>
            <PartTile
              verdict={verdict}
              crop={cropOf(regionOf(data.cameras, verdict.camera))}
              today={view.today}
              onOpen={open}
            />
          </li>
        ))}
      </ul>
      <OlderButton history={history} search={wanted.search} />
      <PartDetails
        opened={opened}
        roi={regionOf(data.cameras, opened?.verdict.camera)}
        isShadow={data.shadow}
        isStale={view.isStale}
        onOpen={setOpened}
      />
    </>
  );
}

/** What of a camera's picture is inspected; null = all of it. */
export function regionOf(cameras: readonly LiveCamera[], camera: string | undefined): Region | null {
  return cameras.find(({ camera: name }) => name === camera)?.roi ?? null;
}

function cropOf(roi: Region | null): string | undefined {
  return roi === null ? undefined : `xywh(${roi.x}px ${roi.y}px ${roi.width}px ${roi.height}px)`;
}
