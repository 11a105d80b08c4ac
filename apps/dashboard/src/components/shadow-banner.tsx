import { IconEye } from '@tabler/icons-react';
import type { LiveData } from '../live/live-state.js';
import classes from './banner.module.css';

/** This inspector only looks on: nobody may take its verdicts for those of the line. */
export function ShadowBanner({ data }: { data: LiveData }) {
  if (!data.shadow) return null;
  const models = new Set(data.cameras.flatMap(({ state }) => (state.model === null ? [] : [state.model])));
  return (
    <div className={classes.banner} data-tone="shadow" data-testid="shadow">
      <IconEye size="1.6rem" aria-hidden="true" />
      <p className={classes.text}>
        <strong>Shadow: no gate hears these verdicts.</strong>{' '}
        {models.size === 0 ? 'A challenger' : [...models].join(', ')} looks at the same frames as the line and decides
        nothing.
      </p>
    </div>
  );
}
