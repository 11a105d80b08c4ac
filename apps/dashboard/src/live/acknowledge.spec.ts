import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acknowledgeEach } from './acknowledge.js';
import { AskError } from './ask.js';

/** Acknowledges at cameras whose alarm is still there. */
function makeAlarms(on: readonly string[], code = 'ALARM_NOT_ON') {
  const seen: string[] = [];
  const acknowledge = async (camera: string | null): Promise<void> => {
    if (camera === null || !on.includes(camera)) throw new AskError(`not on at ${camera}`, code);
    seen.push(camera);
  };
  return { seen, acknowledge };
}

describe('the acknowledgement of an alarm at several cameras', () => {
  it('goes on where somebody else saw to one of them meanwhile', async () => {
    const { seen, acknowledge } = makeAlarms(['cam2', 'cam3']);
    await acknowledgeEach(['cam1', 'cam2', 'cam3'], acknowledge);
    assert.deepEqual(seen, ['cam2', 'cam3']);
  });

  it('fails where it is on at none of them', async () => {
    await assert.rejects(acknowledgeEach(['cam1', 'cam2'], makeAlarms([]).acknowledge), { message: 'not on at cam2' });
  });

  it('fails at once where the inspector does not take it for another reason', async () => {
    const { seen, acknowledge } = makeAlarms(['cam2'], 'NOBODY');
    await assert.rejects(acknowledgeEach(['cam1', 'cam2'], acknowledge), { message: 'not on at cam1' });
    assert.deepEqual(seen, []);
  });
});
