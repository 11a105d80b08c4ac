import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DependencyError } from '#contracts';
import type { Problem } from '../inference/lineup.js';
import { Holds } from '../state/holds.js';
import { Changeover, type ChangeoverOptions } from './changeover.js';

function makeChangeover(over: Partial<ChangeoverOptions> & { problem?: Problem } = {}) {
  const steps: string[] = [];
  const byCamera = new Map([
    ['cam1', 'chip'],
    ['cam2', 'chip'],
    ['cam3', 'any'],
  ]);
  const holds = new Holds(async () => void steps.push(holds.of('cam1')?.reason ?? 'free'));
  const changeover = new Changeover({
    recipes: {
      byCamera,
      areOfOneProduct: (names) => new Set(names.filter((name) => name !== 'any')).size < 2,
      names: ['chip', 'board'],
      switchTo: (camera, recipe) => {
        steps.push(`switch to ${recipe}`);
        byCamera.set(camera, recipe);
      },
    },
    lineup: { problemOf: () => over.problem ?? null },
    partCameras: new Set(byCamera.keys()),
    line: () => ({
      drain: async () => void steps.push('drain'),
      settle: async () => void steps.push('settle'),
    }),
    ledger: { set: async ({ name, value }) => void steps.push(`keep ${name}=${value}`) },
    holds,
    ...over,
  });
  return { changeover, steps, byCamera, holds };
}

describe('a change-over', () => {
  it('tells the gates first, sees the old frames and parts through, is on the disk, switches, and only then goes on', async () => {
    const { changeover, steps } = makeChangeover();
    await changeover.switchTo('cam1', 'board');
    assert.deepEqual(steps, ['CHANGEOVER', 'drain', 'keep recipe cam1=board', 'switch to board', 'drain', 'free']);
  });

  it('says which cameras are at another product still, and that no part passes until they are not', async () => {
    const { changeover } = makeChangeover();
    assert.match(await changeover.switchTo('cam1', 'board'), / cam2 still inspects chip: .*no part passes/);
    assert.match(await changeover.switchTo('cam2', 'board'), /^cam2 inspects recipe board now, chip before\.$/);
    const apart = makeChangeover({ partCameras: new Set() });
    assert.match(await apart.changeover.switchTo('cam1', 'board'), /^cam1 inspects recipe board now, chip before\.$/);
  });

  it('of a camera that sees none of the parts leaves those that are begun alone', async () => {
    const { changeover, steps } = makeChangeover({ partCameras: new Set(['cam2', 'cam3']) });
    await changeover.switchTo('cam1', 'board');
    assert.deepEqual(steps, ['CHANGEOVER', 'settle', 'keep recipe cam1=board', 'switch to board', 'settle', 'free']);
  });

  it('to the recipe that is on already does nothing', async () => {
    const { changeover, steps } = makeChangeover();
    assert.match(await changeover.switchTo('cam1', 'chip'), /already/);
    assert.deepEqual(steps, []);
  });

  it('NO_RECIPE and RECIPE_NOT_READY: is refused before anything changed', async () => {
    const { changeover, steps } = makeChangeover({ problem: { reason: 'NO_MODEL', detail: 'No model is promoted.' } });
    await assert.rejects(changeover.switchTo('cam1', 'cake'), { code: 'NO_RECIPE', message: /chip, board/ });
    await assert.rejects(changeover.switchTo('cam1', 'board'), { code: 'RECIPE_NOT_READY', message: /NO_MODEL/ });
    assert.deepEqual(steps, []);
  });

  it('that cannot be written leaves the old recipe on and the camera free', async () => {
    const { changeover, steps, byCamera } = makeChangeover({
      ledger: { set: () => Promise.reject(new DependencyError('LEDGER_WRITE', 'disk full')) },
    });
    await assert.rejects(changeover.switchTo('cam1', 'board'), { code: 'LEDGER_WRITE' });
    assert.deepEqual([byCamera.get('cam1'), steps.at(-1)], ['chip', 'free']);
  });

  it('is remembered over a restart, unless its recipe is no longer configured', () => {
    const { changeover, byCamera } = makeChangeover();
    changeover.restore({ 'recipe cam1': 'gone' });
    assert.equal(byCamera.get('cam1'), 'chip');
    changeover.restore({ 'recipe cam1': 'board' });
    assert.equal(byCamera.get('cam1'), 'board');
  });
});

describe('a shadow', () => {
  it('goes where the line is at once, and holds its camera while that is at a recipe which it has not configured', async () => {
    const { changeover, steps, byCamera, holds } = makeChangeover();
    await changeover.follow('cam1', 'board');
    assert.deepEqual([byCamera.get('cam1'), steps], ['board', ['switch to board']]);
    await changeover.follow('cam1', 'lid');
    await changeover.follow('cam1', 'lid');
    assert.match(
      holds.of('cam1')?.detail ?? '',
      /^The line inspects recipe lid at cam1, .* it has chip, board\. Add it/,
    );
    assert.equal(holds.refuse({ camera: 'cam1', challenge: false })?.reason, 'NO_RECIPE');
    await changeover.follow('cam1', 'chip');
    assert.deepEqual([byCamera.get('cam1'), holds.of('cam1')], ['chip', null]);
    assert.deepEqual(steps.slice(1), ['CHANGEOVER', 'switch to chip', 'free']);
  });
});
