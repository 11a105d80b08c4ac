import { Button } from '@mantine/core';
import { type CSSProperties, useRef } from 'react';
import type { LiveCamera } from '#contracts';
import { columnsFor, sayBelow } from '../live/camera-room.js';
import type { View } from '../view.js';
import { CameraCard } from './camera-card.js';
import classes from './camera-grid.module.css';
import { useOutOfSight } from './use-out-of-sight.js';

/** Each takes most of a phone's screen. */
const MOST_PICTURES_ON_PHONE = 4;

export interface CameraGridProps {
  readonly cameras: readonly LiveCamera[];
  readonly view: View;
  readonly onAll: () => void;
}

/** Every shown camera, as large as the screen allows; where they do not all fit, how many are below. */
export function CameraGrid({ cameras, view, onAll }: CameraGridProps) {
  const grid = useRef<HTMLDivElement>(null);
  const outOfSight = useOutOfSight(grid, cameras.length);
  const hidden = cameras.filter((_, place) => outOfSight.has(place));
  const below = sayBelow(hidden.map((camera) => view.conditionOf(camera)));
  const columns = columnsFor(cameras.length);
  return (
    <section className={classes.cameras} aria-label="Cameras">
      <div
        ref={grid}
        className={classes.grid}
        data-many={cameras.length > MOST_PICTURES_ON_PHONE}
        style={{ '--columns': columns, '--few-columns': Math.min(columns, 3) } as CSSProperties}
      >
        {cameras.length === 0 && (
          <p className={classes.none}>
            No such camera at this station.{' '}
            <Button variant="subtle" onClick={onAll}>
              Show all cameras
            </Button>
          </p>
        )}
        {cameras.map((camera) => (
          <CameraCard key={camera.camera} camera={camera} view={view} isClose={cameras.length > 1} />
        ))}
      </div>
      {below !== null && <p className={classes.below}>{below}</p>}
    </section>
  );
}
