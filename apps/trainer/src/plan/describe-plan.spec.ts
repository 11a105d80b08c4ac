import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../../../../test/factories/tools.js';
import { describePlan, planSchema, type SettingSchema } from './describe-plan.js';
import { Preset } from './plan.js';
import { readPlan } from './read-plan.js';

/** One value to the reader, though it has fields. */
const WHOLE = new Set(['tiles']);

describe('a plan as a document', () => {
  it('says what every setting means', () => {
    const silent = settingsOf(planSchema()).filter(([, { description }]) => description === undefined);
    assert.deepEqual(
      silent.map(([name]) => name),
      [],
    );
  });

  it('shows meaning, range, default and the preset’s own value', async () => {
    const text = describePlan(await readPlan(undefined, { preset: 'classic' }));
    assert.match(
      text,
      / {2}# learning rate \(lr\): peak step size of the open blocks; number from 1e-7 to 0\.1; default 0\.0003\n {2}rate: 0\.00001\n/,
    );
    assert.match(text, /# .*; cosine \| linear \| exponential \| none; default "cosine"\n/);
  });

  for (const preset of Preset.options) {
    it(`is a plan itself: ${preset}`, async () => {
      const plan = await readPlan(undefined, { preset });
      const file = join(tempDir(), 'plan.yaml');
      await writeFile(file, describePlan(plan));
      assert.deepEqual(await readPlan(file), plan);
    });
  }
});

/** Settings by dotted name, groups left out. */
function settingsOf(schema: SettingSchema, path = ''): [string, SettingSchema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, setting]) =>
    setting.properties === undefined || WHOLE.has(`${path}${key}`)
      ? [[`${path}${key}`, setting] as [string, SettingSchema]]
      : settingsOf(setting, `${path}${key}.`),
  );
}
