import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { Plan } from '../../apps/trainer/src/plan/plan.js';

/** Settings that are one value to the reader, though they have fields. */
const WHOLE = new Set(['tiles', 'resize', 'fineTune.groupRates']);

describe('docs/plan.md', () => {
  const rows = readFileSync(new URL('../../../docs/plan.md', import.meta.url), 'utf8').matchAll(
    /^\| `([^`]+)` \| `([^`]+)` \|/gm,
  );
  const documented = new Map([...rows].map(([, key = '', value = '']) => [key, parse(value)]));

  it('names every setting of a plan with its default, and no other', () => {
    assert.deepEqual(Object.fromEntries(documented), Object.fromEntries(settingsOf(Plan.parse({}))));
  });
});

function settingsOf(fields: object, path = ''): [string, unknown][] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const name = `${path}${key}`;
    const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value) && !WHOLE.has(name);
    return isGroup ? settingsOf(value, `${name}.`) : [[name, value] as [string, unknown]];
  });
}
