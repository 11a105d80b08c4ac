import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InspectorConfig } from '#config';
import { Recipes } from './recipes.js';

describe('the region of a recipe', () => {
  it('is its own of each camera, whatever that is called, and none where it names none', () => {
    const region = { x: 1, y: 2, width: 30, height: 40 };
    const recipes = new Recipes(
      InspectorConfig.parse({
        inspector: {},
        registry: {},
        cameras: ['cam1', 'constructor'].map((name) => ({ name, recipe: 'chip' })),
        recipes: [{ name: 'chip', roi: { cam1: region } }],
      }),
    );
    assert.deepEqual(recipes.roiOf('chip', 'cam1'), region);
    assert.equal(recipes.roiOf('chip', 'constructor'), null);
  });
});
