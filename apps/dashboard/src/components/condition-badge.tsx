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
  const { word, more } = describe({ camera, condition, serverMs });
  return (
    <span
      className={classes.badge}
      data-condition={condition}
      data-testid={`state-${camera.camera}`}
      title={`${camera.camera}: ${word}${more}`}
    >
      <Icon size="1.15em" aria-hidden="true" />
      <span className={classes.words}>
        <span className={classes.word}>{word}</span>
        <span className={classes.more}>{more}</span>
      </span>
    </span>
  );
}

/** The word, which is never cut, and what may be where there is no room. */
function describe({ camera, condition, serverMs }: ConditionBadgeProps): { word: string; more: string } {
  switch (condition) {
    case 'running':
      return { word: 'READY', more: '' };
    case 'idle': {
      const age = camera.lastInferenceTs === null ? 'yet' : formatAge(ageMs(camera.lastInferenceTs, serverMs));
      return { word: 'READY', more: ` · no inference ${age}` };
    }
    case 'not-ready':
      return {
        word: 'NOT READY',
        more: camera.state.reason === null ? '' : ` · ${NOT_READY_WORDS[camera.state.reason]}`,
      };
    case 'unknown':
      return { word: 'UNKNOWN', more: '' };
  }
}
