import { IconAlertTriangle, IconCircleCheck, IconClockPause, IconQuestionMark } from '@tabler/icons-react';
import type { LiveCamera } from '#contracts';
import { ageMs, type CameraCondition } from '../live/freshness.js';
import { formatAge, NOT_READY_WORDS } from '../live/words.js';
import classes from './condition-badge.module.css';

const ICONS = {
  running: IconCircleCheck,
  idle: IconClockPause,
  'not-ready': IconAlertTriangle,
  unknown: IconQuestionMark,
};

export interface ConditionBadgeProps {
  readonly camera: LiveCamera;
  readonly condition: CameraCondition;
  readonly serverMs: number | null;
}

/** READY in green only while a model really looks at frames. */
export function ConditionBadge({ camera, condition, serverMs }: ConditionBadgeProps) {
  const Icon = ICONS[condition];
  return (
    <span className={classes.badge} data-condition={condition} data-testid={`state-${camera.camera}`}>
      <Icon size="1.15em" aria-hidden="true" />
      <span className={classes.words}>{describe({ camera, condition, serverMs })}</span>
    </span>
  );
}

function describe({ camera, condition, serverMs }: ConditionBadgeProps): string {
  switch (condition) {
    case 'running':
      return 'READY';
    case 'idle':
      return camera.lastInferenceTs === null
        ? 'READY · no inference yet'
        : `READY · no inference ${formatAge(ageMs(camera.lastInferenceTs, serverMs))}`;
    case 'not-ready':
      return `NOT READY${camera.state.reason === null ? '' : ` · ${NOT_READY_WORDS[camera.state.reason]}`}`;
    case 'unknown':
      return 'UNKNOWN';
  }
}
