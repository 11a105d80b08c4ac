import type { Alert } from '#contracts';
import { AskError } from './ask.js';

/**
 * Acknowledge an alarm at each camera of a group. One that somebody else saw to meanwhile holds up none of the others.
 * @throws AskError ALARM_NOT_ON where that is so of all of them; whatever else one could not be acknowledged for
 */
export async function acknowledgeEach(
  cameras: readonly Alert['camera'][],
  acknowledge: (camera: Alert['camera']) => Promise<unknown>,
): Promise<void> {
  const gone: AskError[] = [];
  for (const camera of cameras) {
    try {
      await acknowledge(camera);
    } catch (error) {
      if (!(error instanceof AskError && error.code === 'ALARM_NOT_ON')) throw error;
      gone.push(error);
    }
  }
  const last = gone.at(-1);
  if (last !== undefined && gone.length === cameras.length) throw last;
}
