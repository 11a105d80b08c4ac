import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InspectorConfig } from '#config';
import { makeVerdict } from '../../../test/factories/live.js';
import { Counters } from './health/counters.js';
import { Recipes } from './recipes.js';
import { Supervision } from './supervision.js';

const MINUTE_MS = 60_000;

/** One whose people ask for nothing. @param look of the retention of pictures */
function makeSupervision(look: () => Promise<void>, mode: InspectorConfig['inspector']['mode'] = 'production') {
  const config = InspectorConfig.parse({
    inspector: { mode },
    registry: { dir: 'none' },
    cameras: [{ name: 'cam1', recipe: 'chip' }],
    recipes: [{ name: 'chip' }],
  });
  const told: string[] = [];
  const unforeseen = () => assert.fail('not foreseen');
  const supervision = new Supervision({
    config,
    bootId: 'b1',
    recipes: new Recipes(config),
    ledger: {
      settings: async () => ({}),
      set: unforeseen,
      note: unforeseen,
      override: unforeseen,
      overridesOf: unforeseen,
    },
    lineup: { problemOf: unforeseen, crewOf: () => null },
    alarms: { raise: () => undefined, clear: () => undefined, acknowledge: unforeseen },
    counters: new Counters(),
    reporter: {
      command: unforeseen,
      settingUnwritten: unforeseen,
      pruningFailed: (message) => void told.push(message),
    },
    retention: {
      restore: () => undefined,
      look,
      hold: unforeseen,
      release: unforeseen,
      stop: async () => undefined,
    },
    plant: { newestOf: unforeseen },
    outbox: { wake: unforeseen },
    line: unforeseen,
    refresh: unforeseen,
  });
  return { supervision, told };
}

describe('a shadow whose model lets a challenge part through', () => {
  it('looks on: nobody could put its camera back, and the comparison would end there', async () => {
    const { supervision } = makeSupervision(async () => undefined, 'shadow');
    await supervision.challenges.restore({ 'challenge-lock cam1': 'Challenge part of frame c1 passed.' });
    supervision.challenges.lock(makeVerdict({ challenge: true, verdict: 'PASS', score: 0.04 }));
    assert.equal(supervision.holds.of('cam1'), null);
  });
});

describe('pictures', () => {
  it('are looked through at the start and once a minute until the end, also after a look that failed', async ({
    mock,
  }) => {
    mock.timers.enable({ apis: ['setInterval'] });
    let looks = 0;
    const { supervision, told } = makeSupervision(async () => {
      looks += 1;
      if (looks === 2) throw new Error('disk away');
    });
    await supervision.start();
    assert.equal(looks, 1);
    mock.timers.tick(MINUTE_MS - 1);
    assert.equal(looks, 1);
    mock.timers.tick(1);
    await nextTurn();
    assert.deepEqual([looks, told], [2, ['disk away']]);
    mock.timers.tick(MINUTE_MS);
    assert.equal(looks, 3);
    await supervision.stop();
    mock.timers.tick(MINUTE_MS);
    assert.equal(looks, 3);
  });
});
