import type { LiveCamera } from '#contracts';
import type { View } from '../view.js';
import { CameraCard } from './camera-card.js';
import classes from './camera-grid.module.css';

/** Every shown camera, as large as the screen allows. */
export function CameraGrid({ cameras, view }: { cameras: readonly LiveCamera[]; view: View }) {
  const columns = cameras.length <= 1 ? 1 : cameras.length <= 4 ? 2 : 3;
  return (
    <section className={classes.grid} data-columns={columns} aria-label="Cameras">
      {cameras.length === 0 && <p className={classes.none}>No such camera at this station.</p>}
      {cameras.map((camera) => (
        <CameraCard key={camera.camera} camera={camera} view={view} isClose={cameras.length > 1} />
      ))}
    </section>
  );
}
